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

# The default Linux: its first process, and the image.
ROS_SRCS := $(filter-out hrt/ros/init.c,$(call srcs,hrt/ros))
$(O)/libros.a: $(call objs,$(ROS_SRCS))
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^
$(O)/init: $(O)/hrt/ros/init.o $(O)/libros.a $(O)/libdive.a
	$(say) LD $@
	$(Q)$(CC) -static $(LDFLAGS) -o $@ $^
all: $(if $(STATIC),$(O)/init)

$(O)/ros/initrd: $(O)/init $(O)/partner hrt/ros/image.sh $(wildcard tools/debian/*)
	$(say) ROS $@
	$(Q)hrt/ros/image.sh $(O)/init $(O)/partner $(O)/ros
$(O)/ros/vmlinux: $(O)/ros/initrd
# Where dive and diver look for them, beside the folder they are in.
install: install-hrt
install-hrt: all
	install -Dm644 -t $(DESTDIR)$(PREFIX)/lib/dive $(O)/kernels/minnow.elf
	[ ! -e $(O)/ros/initrd ] || install -Dm644 \
		-t $(DESTDIR)$(PREFIX)/lib/dive/ros $(O)/ros/vmlinux $(O)/ros/initrd
.PHONY: install-hrt

ros: $(O)/ros/vmlinux ## the default Linux of mode hrt; downloads 27 MB once
demo-hrt: ## a program of Linux on Minnow, and what its system calls cost
	@tools/demo-hrt.sh
bench-hrt: all ros $(O)/bench/program ## the same program on both, in the bed
	@guest-tests/bench/hrt.sh
.PHONY: ros demo-hrt bench-hrt

-include $(patsubst %.o,%.d,$(call objs,$(ROS_SRCS) hrt/ros/init.c))

# Programs of Linux that run on Minnow in the test bed, and in Linux to compare.
TEST_PROGRAMS := $(patsubst guest-tests/programs/%.c,$(O)/programs/%,\
	$(wildcard guest-tests/programs/*.c))
ifneq ($(findstring clang,$(CC)),) # its OpenMP has no static library in Debian
TEST_PROGRAMS := $(filter-out %/stencil,$(TEST_PROGRAMS))
endif
$(O)/programs/%: guest-tests/programs/%.c $(wildcard guest-tests/programs/*.h) Makefile hrt/hrt.mk
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -g $(WARN) -O1 -I. -static -pthread \
		$(if $(filter stencil,$(notdir $@)),-fopenmp) -o $@ $< -lm
all: $(if $(STATIC),$(TEST_PROGRAMS))
# The same as most programs are: position independent, with ld.so.
$(O)/programs/%-dynamic: guest-tests/programs/%.c $(wildcard guest-tests/programs/*.h) Makefile hrt/hrt.mk
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -g $(WARN) -O1 -pie -pthread -o $@ $< -lm
all: $(if $(STATIC),$(addprefix $(O)/programs/,$(addsuffix -dynamic,hello maps crowd)))
