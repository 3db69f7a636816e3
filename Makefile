# SPDX-License-Identifier: Apache-2.0
# Builds, tests and installs everything; one file, no recursion. "make help".

MODE ?= release
V ?= 0
ifeq ($(origin CC),default)
CC := $(if $(shell command -v gcc),gcc,cc)
endif
VARIANT := $(if $(findstring clang,$(CC)),/clang)$(MODE:%=/%)
O ?= build$(subst /release,,$(VARIANT))
PREFIX ?= /usr/local
DIST := dive-0.1-x86_64

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

Q := $(if $(filter 1,$(V)),,@)
quiet := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say := $(if $(quiet)$(filter 1,$(V)),@:,@printf '  %-7s %s\n')
comma := ,

# --- flags ------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wformat=2 -Wundef -Wconversion -Wsign-conversion -Werror
# Off for clang: KVM's structures end in an array that needs room behind it;
# an interrupt handler may call plain code under -mgeneral-regs-only.
WARN += $(if $(findstring clang,$(CC)),-Wconditional-uninitialized -Wimplicit-fallthrough \
	-Wno-gnu-variable-sized-type-not-at-end -Wno-interrupt-service-routine)

CPPFLAGS := -I. -I$(O) -Icontract -idirafter contract/guest -D_GNU_SOURCE
CFLAGS := -std=gnu11 -g $(WARN) -fno-pie -pthread
LDFLAGS := -pthread -Wl,--gc-sections
STATIC := -static -Wl,-T,cli/trim.lds
LIBS := -lelf -lfdt -lz -luring

UBSAN := -fsanitize=undefined -fno-sanitize-recover=undefined
CFLAGS_release := -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
CFLAGS_asan := -O1 -fno-omit-frame-pointer -fsanitize=address $(UBSAN)
CFLAGS_tsan := -O1 -fno-omit-frame-pointer -fsanitize=thread
CFLAGS_cov := -O0 --coverage
CFLAGS_fuzz := -O1 -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address $(UBSAN)
$(if $(CFLAGS_$(MODE)),,$(error MODE=$(MODE) is not one of release, asan, tsan, cov))
CFLAGS += $(CFLAGS_$(MODE))
CPPFLAGS += -DSANITIZED=$(if $(filter -fsanitize%,$(CFLAGS)),1,0)
ifneq ($(MODE),release)
LDFLAGS += $(filter -fsanitize% --coverage,$(CFLAGS_$(MODE)))
STATIC :=
endif

# --- what there is ----------------------------------------------------------

srcs = $(sort $(wildcard $(addsuffix /*.c,$(1)) $(addsuffix /*.S,$(1))))
objs = $(addprefix $(O)/,$(addsuffix .o,$(basename $(1))))

FOLDERS := base contract/lib loader vmm vmm/dev vmm/gdb vmm/net vmm/virtio hrt pisces
LIB_SRCS := $(call srcs,$(FOLDERS))
CLI_SRCS := $(filter-out cli/dive.c cli/diver.c,$(call srcs,cli))
PROG_SRCS := $(wildcard cli/dive.c cli/diver.c)
TESTED := $(addsuffix /test,$(FOLDERS) contract cli pkg hrt/partner hrt/ros)
TEST_SRCS := $(wildcard $(addsuffix /*_test.c,$(TESTED)))
FUZZ_SRCS := $(wildcard $(addsuffix /*_fuzz.c,$(TESTED)))
# Anything else in a test folder is shared by the tests of that folder.
TEST_HELPERS := $(filter-out $(TEST_SRCS) $(FUZZ_SRCS),$(call srcs,$(TESTED)))
HOST_SRCS := $(LIB_SRCS) $(CLI_SRCS) $(PROG_SRCS) $(TEST_SRCS) \
	$(FUZZ_SRCS) $(TEST_HELPERS) $(call srcs,guest-tests/bench hrt/partner hrt/ros)

PROGRAMS := $(PROG_SRCS:cli/%.c=$(O)/%)
# build/test/FOLDER/NAME_test from FOLDER/test/NAME_test.c
test_path = $(O)/test/$(patsubst %/test/,%,$(dir $1))/$(basename $(notdir $1))
TESTS := $(foreach t,$(TEST_SRCS),$(call test_path,$t))
FUZZERS := $(foreach t,$(FUZZ_SRCS),$(call test_path,$t))

all: $(PROGRAMS) kernels ## build dive, diver and the example kernels
# Some of the tests boot kernels.
tests: $(TESTS) $(addprefix $(O)/kernels/,hello.elf echo.elf ticks.elf reset.elf timer.elf)
fuzzers: $(FUZZERS)

# --- host code --------------------------------------------------------------

COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS)

define compile
$(say) CC $@
$(Q)mkdir -p $(@D)
$(Q)$(COMPILE) -MMD -MP -c -o $@ $<
endef
$(O)/%.o: %.c Makefile
	$(compile)
$(O)/%.o: %.S Makefile
	$(compile)

$(O)/libdive.a: $(call objs,$(LIB_SRCS))
$(O)/libcli.a: $(call objs,$(CLI_SRCS))
$(O)/libdive.a $(O)/libcli.a:
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

define link
$(say) LD $@
$(Q)mkdir -p $(@D)
$(Q)$(CC) $(or $(STATIC),-no-pie) $(LDFLAGS) -Wl,-Map=$@.map -o $@ $^ $(LIBS)
endef
$(O)/dive: $(O)/cli/dive.o $(O)/cli/trim.o $(O)/libcli.a $(O)/libdive.a
$(O)/diver: $(O)/cli/diver.o $(O)/libcli.a $(O)/libpkg.a $(O)/libdive.a
$(O)/dive $(O)/diver:
	$(link)
$(O)/diver $(O)/test/cli/% $(O)/test/pkg/%: LIBS += -lcjson
# Linked as dive is: one of them is what dive is measured against.
$(O)/bench/%: $(O)/guest-tests/bench/%.o
	$(link)

# A test may ask for linker flags in a line "// link: -Wl,--wrap=calloc".
define test_rule
$(call test_path,$1): $(call objs,$1 $(filter $(dir $1)%,$(TEST_HELPERS))) \
		$(foreach l,cli pkg hrt/partner hrt/ros,$(if \
		$(filter $l/%,$1),$(O)/lib$(notdir $l).a)) $(O)/libdive.a
	$$(say) LD $$@
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -no-pie $$(LDFLAGS) $$$$(sed -n 's,^// link: ,,p' $1) \
		-o $$@ $$^ $2 $$(LIBS)
endef
$(foreach t,$(TEST_SRCS),$(eval $(call test_rule,$t,-lcmocka)))
$(foreach t,$(FUZZ_SRCS),$(eval $(call test_rule,$t,-fsanitize=fuzzer)))

# --- guest code: the contract's stub and library, the test kernels -----------

GUEST_CPPFLAGS := -Icontract -Icontract/guest -I.
GUEST_CFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -mno-red-zone \
	-mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -fno-omit-frame-pointer -fstack-clash-protection
# With libdive-guest: position independent, RELATIVE relocations only.
GUEST_PIE := -fpie -fvisibility=hidden
# With a link.lds of its own: an ordinary higher-half kernel.
GUEST_ABS := -fno-pie -mcmodel=kernel
GUEST_LDFLAGS := -nostdlib -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096

GUEST_SRCS := $(call srcs,contract/guest)
KERNELS := minnow $(patsubst guest-tests/kernels/%/,%,$(sort \
	$(dir $(wildcard guest-tests/kernels/*/*.c guest-tests/kernels/*/*.S))))
KERNELS_OWN := $(foreach k,$(KERNELS),\
	$(if $(wildcard guest-tests/kernels/$k/link.lds),$k))
# Minnow lives elsewhere, but is built like the others.
ksrcs = $(call srcs,$(if $(filter minnow,$(1)),hrt/kernel hrt/kernel/linux,guest-tests/kernels/$(1)))
GUEST_ALL := $(GUEST_SRCS) $(foreach k,$(KERNELS),$(call ksrcs,$k))
gobjs = $(addprefix $(O)/guest/,$(addsuffix .o,$(basename $(1))))

kernels: $(KERNELS:%=$(O)/kernels/%.elf)

# guest_compile SOURCE
guest_compile = $(CC) $(GUEST_CPPFLAGS) $(GUEST_CFLAGS) \
	$(if $(filter $(KERNELS_OWN),$(word 3,$(subst /, ,$1))),$(GUEST_ABS),$(GUEST_PIE))

define guest_object
$(say) GCC $@
$(Q)mkdir -p $(@D)
$(Q)$(call guest_compile,$<) -MMD -MP -c -o $@ $<
endef
$(O)/guest/%.o: %.c Makefile
	$(guest_object)
$(O)/guest/%.o: %.S Makefile
	$(guest_object)

$(O)/guest/libdive-guest.a: $(call gobjs,$(GUEST_SRCS) $(call srcs,contract/lib))
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && ar qcs $@ $^

define kernel_rule
$(O)/kernels/$1.elf: $(call gobjs,$(call ksrcs,$1)) \
		$(if $(filter $1,$(KERNELS_OWN)),\
		guest-tests/kernels/$1/link.lds,\
		$(O)/guest/libdive-guest.a contract/guest/dive.lds)
	$$(say) LD $$@
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(GUEST_LDFLAGS) \
		$(if $(filter $1,$(KERNELS_OWN)),-static,-static-pie) \
		-o $$@ $$(filter %.o,$$^) $$(patsubst %.lds,-Wl$$(comma)-T$$(comma)%.lds,$$(filter %.lds,$$^)) \
		$$(if $$(filter %.a,$$^),-Wl$$(comma)--whole-archive $$(filter %.a,$$^) -Wl$$(comma)--no-whole-archive)
endef
$(foreach k,$(KERNELS),$(eval $(call kernel_rule,$k)))

# The stub is flat code that loader/stub_blob.S embeds.
$(O)/contract/stub.bin: contract/stub/stub.S Makefile \
		$(wildcard contract/stub/*.h contract/dive/*.h)
	$(say) STUB $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CPPFLAGS) -Wall -Werror -c -o $(@:.bin=.stub.o) $<
	$(Q)objcopy -O binary -j .text $(@:.bin=.stub.o) $@
$(O)/loader/stub_blob.o: $(O)/contract/stub.bin

# What a confined dive may still call: libseccomp makes the filter here, so that
# none of it is in dive.
SYSCALL_SRCS := $(filter %.c,$(LIB_SRCS) $(CLI_SRCS) cli/dive.c)
$(O)/tools/syscalls.inc: tools/syscalls.sh $(SYSCALL_SRCS)
	$(Q)mkdir -p $(@D)
	$(Q)$^ >$@
$(O)/tools/filter: tools/filter.c $(O)/tools/syscalls.inc
	$(say) CC $@
	$(Q)$(CC) -D_GNU_SOURCE -I. -I$(O)/tools -std=gnu11 $(WARN) -o $@ $< -lseccomp
$(O)/confine.bpf: $(O)/tools/filter
	$(say) BPF $@
	$(Q)$< >$@
$(O)/vmm/confine_filter.o: $(O)/confine.bpf

# --- people's targets -------------------------------------------------------

export MODE CC V
demo: ## install what the demo needs, build, boot a kernel, show the timeline
	@tools/demo.sh
demo-gdb: all ## one session of gdb with a kernel
	@tools/demo-gdb.sh
check: ## install what the checks need, run all of them, print one tally
	@tools/check.sh
check-unit check-model check-guest check-testbed check-fuzz check-long check-foreign:
	@tools/check.sh $(@:check-%=%)
check-unit: ## unit tests in this MODE (no KVM, no root)
check-model: ## every order of events in the shared-memory protocols (Spin)
check-guest: ## kernels on the local /dev/kvm
check-testbed: ## what needs a whole machine, in QEMU
check-fuzz: ## every fuzz harness, FUZZ_SECONDS in total
check-long: ## longer fuzzing and the slow guest tests
check-foreign: ## real kernels; or DIR=... with its kernels.list
lint: compile_commands.json ## format, include directions, analyzers
	@tools/lint.sh
bench: all $(O)/bench/floor $(O)/bench/rounds ## figures as TSV
	@guest-tests/bench/run.sh
bench-devices: all $(O)/bench/load ## disk and network beside QEMU's, in the bed
	@guest-tests/bench/devices.sh
format: ## clang-format every source file in place
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

install: all ## DESTDIR, PREFIX
	install -Dt $(DESTDIR)$(PREFIX)/bin $(PROGRAMS) contract/guest/dive-cc
	install -Dm644 -t $(DESTDIR)$(PREFIX)/include contract/guest/dive.h
	install -Dm644 -t $(DESTDIR)$(PREFIX)/include/dive contract/dive/*.h
	install -Dm644 -t $(DESTDIR)$(PREFIX)/lib/dive \
		$(O)/guest/libdive-guest.a contract/guest/dive.lds
	for m in $(wildcard */*.[1-8]); do install -Dm644 -t \
		$(DESTDIR)$(PREFIX)/share/man/man$${m##*.} $$m || exit; done

dist: $(O)/dive ## tarball with the static dive
	$(Q)mkdir -p $(O)/$(DIST)
	$(Q)strip -o $(O)/$(DIST)/dive $<
	$(Q)cp LICENSE $(wildcard cli/dive.1) $(O)/$(DIST)
	$(Q)tar -C $(O) --sort=name --owner=0 --group=0 --numeric-owner \
		-czf $(O)/$(DIST).tar.gz $(DIST)
	@ls -l $(O)/$(DIST).tar.gz

cdb_entry = {"directory":"$(CURDIR)","file":"$1","command":"$2 -c $1"}
define newline


endef
compile_commands.json: ## how each file is compiled, for editors and clang-tidy
	$(file >$@,[$(subst "} {,"}$(comma)$(newline){,$(foreach f,\
		$(filter %.c,$(HOST_SRCS)),$(call cdb_entry,$f,$(COMPILE))) $(foreach f,\
		$(filter %.c,$(GUEST_ALL)),$(call cdb_entry,$f,$(call guest_compile,$f))))])
	@:

clean: ## remove what was built; the kernels that tests downloaded stay
	rm -rf compile_commands.json $(filter-out build/testbed build/foreign,$(wildcard build/*))

help: ## this list
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' Makefile hrt/hrt.mk
	@echo "  variables: MODE=release|asan|tsan|cov CC=gcc|clang V=1"

print-%:
	@echo '$($*)'
.PHONY: all kernels tests fuzzers demo demo-gdb check check-unit check-model check-guest check-testbed check-fuzz \
	check-long check-foreign lint bench bench-devices format install dist compile_commands.json clean help

-include hrt/hrt.mk pkg/pkg.mk $(patsubst %.o,%.d,$(call objs,$(HOST_SRCS)) $(call gobjs,$(GUEST_ALL) $(call srcs,contract/lib)))
