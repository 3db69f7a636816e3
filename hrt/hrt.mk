# SPDX-License-Identifier: Apache-2.0
# The Linux side of mode hrt: the partner, a program of Linux; the first process
# of the default Linux, and the image that both are in.

# Not in libdive: what dive does not need. Its tests link this.
PARTNER_SRCS := $(filter-out hrt/partner/main.c,$(call srcs,hrt/partner))
$(O)/libpartner.a: $(call objs,$(PARTNER_SRCS))
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

# Position independent: below 64 TiB all is the program's. A sanitizer's memory
# is there, too.
$(O)/pie/%.o: %.c Makefile hrt/hrt.mk
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -fPIE -MMD -MP -c -o $@ $<
$(O)/pie/%.o: %.S Makefile hrt/hrt.mk
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -fPIE -MMD -MP -c -o $@ $<
PARTNER_OBJS := $(addprefix $(O)/pie/,$(addsuffix .o,$(basename \
	hrt/partner/main.c $(PARTNER_SRCS) base/err.c contract/lib/channel.c)))
$(O)/partner: $(PARTNER_OBJS)
	$(say) LD $@
	$(Q)$(CC) -static-pie $(LDFLAGS) -o $@ $^
all: $(if $(STATIC),$(O)/partner)

-include $(PARTNER_OBJS:.o=.d)
