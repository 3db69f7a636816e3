# SPDX-License-Identifier: Apache-2.0
# Packages: only diver has this, and what it brings.

PKG_SRCS := $(call srcs,pkg)
HOST_SRCS += $(PKG_SRCS)
$(O)/libpkg.a: $(call objs,$(PKG_SRCS))
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^
# These are shared libraries.
$(O)/diver: STATIC :=
$(O)/diver $(O)/test/pkg/%: LIBS += -larchive -lsodium

-include $(patsubst %.o,%.d,$(call objs,$(PKG_SRCS)))
