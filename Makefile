# earthmover: everything is built, run, drawn and checked from here. `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

REAL     ?= float
SANITIZE ?= 0
PRESET   ?= quick
DEPS     ?= ask
PREFIX   ?= $(CONDA_PREFIX)
CFLAGS   ?= -O3 $(NATIVE) -g

accept = $(if $(filter $(2),$(subst $() ,_,$($(1)))),,$(error $(1)=$($(1)): give one of $(2)))
$(call accept,REAL,float double)$(call accept,SANITIZE,0 1)
$(call accept,PRESET,quick paper)$(call accept,DEPS,ask yes no)

define HELP
  make              build every program that can be built: experiments/NAME
  make demo         get what is missing, build, run parallel lines, draw it
  make check        get what is missing, build, test
  make plots        run every experiment, draw its figures into plots/quick
  make ring         play and draw the README's animation, plots/paper/ring.gif
  make clothes      train the recipe fashion-quick and measure it, into plots/paper/images_fashion*
  make emoji        the same of emoji-quick, which takes half an hour
  make claims       run what is stale, print one table of all claims
  make book         fill in and build the book: build/book/index.html
  make check-book   compare the book's marked code and numbers, figures and links with the code
  make bench        time the library beside its peers, in one run
  make fuzz         the parsers against clang's fuzzer, FUZZ_SECONDS=15 each
  make nightly      the checks that take longer
  make format       lay out the sources with clang-format
  make clean        remove what was built, plots/paper excepted

  PRESET=quick|paper     plots, claims: settings that show the effect soon, or the sources' own;
                         paper rewrites the committed reference in plots/paper
  REAL=float|double      the type of the networks' numbers
  SANITIZE=0|1           with address and undefined-behaviour sanitizers
  DEPS=ask|yes|no        install missing packages? without asking: yes or no
  PREFIX=DIR             libraries of your own in DIR/include, DIR/lib (default: $$CONDA_PREFIX)
  V=1                    show the commands
endef

Q := $(if $(V),,@)

# ---- what is there ----------------------------------------------------------------------------

HASH := \#
COMMA := ,
CPPFLAGS += $(if $(PREFIX),-isystem $(PREFIX)/include)
LDFLAGS  += $(if $(PREFIX),-L$(PREFIX)/lib -Wl$(COMMA)-rpath$(COMMA)$(PREFIX)/lib)
PKG_CONFIG := $(if $(PREFIX),PKG_CONFIG_PATH=$(PREFIX)/lib/pkgconfig:$$PKG_CONFIG_PATH) pkg-config

# $(call links,COMPILER -x LANGUAGE,HEADER,FLAGS): yes where a program with that header links
links = $(shell printf '$(HASH)include <$(2)>\nint main(void) { return 0; }\n' | \
          $(1) - $(CPPFLAGS) -o /dev/null $(LDFLAGS) $(3) >/dev/null 2>&1 && echo yes)
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null || echo '$(3)')
on_path = $(shell command -v $(1) 2>/dev/null)

# $(call tool,KEY,name,Debian packages,what its absence means,how it was found)
define tool
TOOLS += $(1)
NAME_$(1) := $(2)
PACKAGES_$(1) := $(3)
WITHOUT_$(1) := $(4)
HAVE_$(1) := $(5)
endef
add_tool = $(eval $(call tool,$(1),$(2),$(3),$(4),$(5)))

ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
NATIVE      := $(if $(call links,$(CC) -x c,stdio.h,-march=native),-march=native)
CHECK_FLAGS := $(call pkg,--cflags,check)
CHECK_LIBS  := $(call pkg,--libs,check,-lcheck -lsubunit -lm -lrt -pthread)
NVCC        := $(firstword $(call on_path,nvcc) $(wildcard /usr/local/cuda/bin/nvcc))
NET_FLAGS   := $(call pkg,--cflags,openblas) $(call pkg,--cflags,jansson) $(call pkg,--cflags,zlib)
NET_LIBS    := $(call pkg,--libs,openblas,-lopenblas) $(call pkg,--libs,jansson,-ljansson) $(call pkg,--libs,zlib,-lz) -fopenmp
IMAGE_FLAGS := $(foreach p,libpng libturbojpeg libexif freetype2 inih,$(call pkg,--cflags,$(p)))
IMAGE_LIBS  := $(call pkg,--libs,libpng,-lpng) $(call pkg,--libs,libturbojpeg,-lturbojpeg) $(call pkg,--libs,libexif,-lexif) $(call pkg,--libs,freetype2,-lfreetype) $(call pkg,--libs,inih,-linih)

$(call add_tool,CC,a C compiler,gcc libc6-dev,nothing can be built,$(call links,$(CC) -x c,stdio.h))
$(call add_tool,RANDOM123,Random123,librandom123-dev,no program can be built,$(call links,$(CC) -x c,Random123/philox.h))
$(call add_tool,OPENBLAS,OpenBLAS,libopenblas-dev,no program with networks can be built,$(call links,$(CC) -x c,cblas.h,$(NET_FLAGS) $(NET_LIBS)))
$(call add_tool,JANSSON,jansson,libjansson-dev,no program with networks can be built,$(call links,$(CC) -x c,jansson.h,$(NET_FLAGS) $(NET_LIBS)))
$(call add_tool,ZLIB,zlib,zlib1g-dev,no program with networks can be built,$(call links,$(CC) -x c,zlib.h,$(NET_FLAGS) $(NET_LIBS)))
$(call add_tool,PNG,libpng,libpng-dev,no image programs,$(call links,$(CC) -x c,png.h,$(IMAGE_FLAGS) $(IMAGE_LIBS)))
$(call add_tool,TURBOJPEG,libjpeg-turbo,libturbojpeg0-dev,no image programs,$(call links,$(CC) -x c,turbojpeg.h,$(IMAGE_FLAGS) $(IMAGE_LIBS)))
$(call add_tool,EXIF,libexif,libexif-dev,no image programs,$(call links,$(CC) -x c,libexif/exif-data.h,$(IMAGE_FLAGS) $(IMAGE_LIBS)))
$(call add_tool,FREETYPE,FreeType,libfreetype-dev,no image programs,$(call links,$(CC) -x c,ft2build.h,$(IMAGE_FLAGS) $(IMAGE_LIBS)))
$(call add_tool,INIH,inih,libinih-dev,no image programs,$(call links,$(CC) -x c,ini.h,$(IMAGE_FLAGS) $(IMAGE_LIBS)))
$(call add_tool,GNUPLOT,gnuplot,gnuplot-nox,no figures,$(call on_path,gnuplot))
$(call add_tool,CHECK,Check,pkg-config check libsubunit-dev,the tests in C are skipped,$(call links,$(CC) -x c,check.h,$(CHECK_FLAGS) $(CHECK_LIBS)))
$(call add_tool,CXX,a C++ compiler,g++,no emulated GPU and no comparison with LEMON,$(call links,$(CXX) -x c++,vector))
$(call add_tool,LEMON,LEMON,liblemon-dev,the transport is not compared with LEMON,$(call links,$(CXX) -x c++,lemon/network_simplex.h))
$(call add_tool,PYTHON,Python 3,python3-minimal python3,the book is neither checked nor built,$(call on_path,python3))
$(call add_tool,PANDOC,pandoc,pandoc fonts-lmodern,no HTML of the book,$(call on_path,pandoc))
$(call add_tool,GIT,git,git,the book is not compared with what git ignores,$(call on_path,git))
$(call add_tool,NVCC,the CUDA compiler,,programs run on the CPU only,$(NVCC))
$(call add_tool,IMAGES,Fashion-MNIST,dataset-fashion-mnist,programs leave out what needs images,$(wildcard /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz))
$(call add_tool,EMOJI,emoji pictures,fonts-noto-color-emoji,no built-in colour images,$(wildcard /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf))
$(call add_tool,CLANG,clang with libFuzzer,clang libclang-rt-14-dev,make fuzz cannot work,$(call on_path,clang))
$(call add_tool,FORMAT,clang-format,clang-format,make format cannot work,$(call on_path,clang-format))
endif

NEEDS_demo   := CC RANDOM123 GNUPLOT
NETS_NEED    := OPENBLAS JANSSON ZLIB
IMAGES_NEED  := PNG TURBOJPEG EXIF FREETYPE INIH
NEEDS_plots  := CC RANDOM123 $(NETS_NEED) $(IMAGES_NEED) IMAGES EMOJI GNUPLOT
NEEDS_claims := CC RANDOM123 $(NETS_NEED) $(IMAGES_NEED) IMAGES EMOJI
NEEDS_check  := CC RANDOM123 $(NETS_NEED) $(IMAGES_NEED) IMAGES EMOJI CHECK CXX LEMON GNUPLOT PYTHON PANDOC GIT
NEEDS_bench  := CC RANDOM123 CXX LEMON $(NETS_NEED)
NEEDS_book   := PYTHON PANDOC GIT
NEEDS_check-book := PYTHON GIT
packages = $(strip $(foreach t,$(NEEDS_$(1)),$(if $(HAVE_$(t)),,$(PACKAGES_$(t)))))

# ---- programs ---------------------------------------------------------------------------------

# Each experiments/NAME.c is a program; one that includes nets/, the trainer or toy_gan is linked with
# the networks. A program that needs a missing tool is left out. One that includes learned.h does
# without networks where OpenBLAS, jansson or zlib is missing.
PROGRAMS := $(sort $(patsubst experiments/%.c,%,$(wildcard experiments/*.c)))
EXPERIMENTS := $(sort $(patsubst plots/%.gp,%,$(filter-out plots/style.gp,$(wildcard plots/*.gp))))

WITH_NETS := $(patsubst experiments/%.c,%,$(shell grep -lE 'include "(nets/|experiments/images/|experiments/common/(trainer|toy_gan))' experiments/*.c))
WITH_IMAGES := $(patsubst experiments/%.c,%,$(shell grep -lE 'include "(nets|experiments)/images/' experiments/*.c))
WITH_LEARNED := $(patsubst experiments/%.c,%,$(shell grep -l 'include "experiments/common/learned.h"' experiments/*.c))
all_there = $(if $(strip $(foreach t,$(1),$(if $(HAVE_$(t)),,no))),,yes)
NETS := $(call all_there,$(NETS_NEED))
IMAGES := $(and $(NETS),$(call all_there,$(IMAGES_NEED)))
parts_of = common toy $(if $(filter $(1),$(WITH_NETS) $(if $(NETS),$(WITH_LEARNED))),nets kernels) \
           $(if $(filter $(1),$(WITH_IMAGES)),experiments/images nets/images)
tools_of = CC RANDOM123 $(if $(filter nets,$(call parts_of,$(1))),$(NETS_NEED)) $(if $(filter nets/images,$(call parts_of,$(1))),$(IMAGES_NEED))
can_build = $(call all_there,$(tools_of))
BUILDABLE := $(foreach p,$(PROGRAMS),$(if $(call can_build,$(p)),$(p)))

FLAVOUR := $(REAL)$(if $(filter 1,$(SANITIZE)),-sanitized)
B := build/$(FLAVOUR)
SANITIZERS := $(if $(filter 1,$(SANITIZE)),-fsanitize=address$(COMMA)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARNINGS := -Wall -Wextra -Werror
# toy/ computes the same bits on every machine: no contraction of a*b+c into one rounding
EXACT := -ffp-contract=off
CC_ALL  = $(CC) -std=c11 -D_GNU_SOURCE$(if $(filter double,$(REAL)), -DREAL_DOUBLE) -I. $(CPPFLAGS) $(WARNINGS) $(CFLAGS) -fopenmp-simd $(EXACT) $(SANITIZERS)
NVCC_ALL = $(NVCC) -O3 -std=c++17 -I. $(CPPFLAGS) $(if $(filter double,$(REAL)),-DREAL_DOUBLE) -Werror all-warnings -Xcompiler -Wall,-Wextra,-O3 \
           -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]
LINK_LIBS = $(if $(filter %libnets-images.a,$^),$(IMAGE_LIBS)) $(if $(filter %libnets.a,$^),$(LINK_NETS))
LINK_NETS = -Wl,--as-needed $(NET_LIBS) $(if $(CUDA),-L$(CUDA_HOME)/lib64 -Wl$(COMMA)-rpath$(COMMA)$(CUDA_HOME)/lib64 -lcublas -lcudart_static -ldl -lrt -lpthread -lstdc++)
CUDA_HOME = $(patsubst %/bin/nvcc,%,$(realpath $(NVCC)))
CXX_ALL = $(CXX) -std=c++17 -I. $(CPPFLAGS) $(WARNINGS) $(CFLAGS) $(SANITIZERS)
COMMIT = $(or $(shell git describe --always --dirty --abbrev=10 2>/dev/null),unknown)

.PHONY: all tools help demo check plots ring clothes emoji claims bench book check-book fuzz nightly format check-format clean FORCE \
        do-demo do-check do-plots do-claims do-bench do-book do-check-book
all: tools $(BUILDABLE:%=experiments/%)
	@$(foreach p,$(filter-out $(BUILDABLE),$(PROGRAMS)),echo "not built: experiments/$(p)";)

help:
	$(info $(HELP))
	@:

tools:
	@$(foreach t,$(TOOLS),printf '%s %s%s\n' $(if $(HAVE_$(t)),✓ '$(NAME_$(t))' '',✗ '$(NAME_$(t))' ': $(WITHOUT_$(t))');)

# The program of the flavour built last stands beside its source.
$(PROGRAMS:%=experiments/%): experiments/%: $(B)/experiments/% FORCE
	@ln -sfn ../$< $@

library = $(B)/lib$(subst /,-,$(1)).a
# What a target has of them, each before those it stands on.
archives = $(foreach l,experiments/images common nets/images nets kernels toy,$(filter $(call library,$(l)),$^))
library_objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
$(call library,toy): $(call library_objects,toy)
$(call library,nets): $(call library_objects,nets)
$(call library,nets/images): $(call library_objects,nets/images)
$(call library,experiments/images): $(call library_objects,experiments/images)
# The CUDA backend where nvcc is, else a file that says there is none; sanitized builds are CPU only.
CUDA := $(if $(and $(NVCC),$(filter 0,$(SANITIZE))),yes)
$(call library,kernels): $(filter-out $(if $(CUDA),%/cuda_none.o),$(call library_objects,kernels)) \
                         $(if $(CUDA),$(patsubst %.cu,$(B)/%.o,$(wildcard kernels/*.cu)))
$(call library,common): $(filter-out %/version.o $(if $(NETS),%/learned_none.o,%/learned.o),$(call library_objects,experiments/common))
$(B)/lib%.a:
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

.SECONDEXPANSION:
$(B)/experiments/%: $(B)/experiments/%.o $$(foreach p,$$(call parts_of,$$*),$$(call library,$$p)) experiments/common/version.c
	@echo '  LD  experiments/$*'
	$(Q)$(CC_ALL) -DBUILD_COMMIT='"$(COMMIT)"' -DBUILD_FLAGS='"$(strip $(CFLAGS) $(SANITIZERS))"' -o $@ $(filter %.o,$^) experiments/common/version.c $(archives) $(LDFLAGS) $(LINK_LIBS) -lm

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo '  CC  $<'
	$(Q)$(CC_ALL) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cpp $(B)/flags
	@mkdir -p $(@D)
	@echo '  CXX $<'
	$(Q)$(CXX_ALL) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cu $(B)/flags
	@mkdir -p $(@D)
	@echo '  NVCC $<'
	$(Q)$(NVCC_ALL) -MMD -MP -c -o $@ $<

# Networks: products may round as they like, square roots need not set errno, loops run on all cores.
$(B)/kernels/%.o $(B)/nets/%.o: private EXACT := -fopenmp -ffp-contract=fast -fno-math-errno $(NET_FLAGS)
$(B)/nets/images/%.o $(B)/experiments/images/%.o: private EXACT := -fopenmp -ffp-contract=off $(NET_FLAGS) $(IMAGE_FLAGS)
$(B)/tests/%.o: private EXACT += $(CHECK_FLAGS) $(NET_FLAGS) $(IMAGE_FLAGS)
$(B)/tests/bench/critic_step.o: private EXACT := -fopenmp -ffp-contract=fast -fno-math-errno $(NET_FLAGS)

# Objects made with other flags are made again.
FLAGS_ALL = $(CC_ALL) | $(CXX_ALL) | $(NVCC_ALL) | networks: $(or $(NETS),no) | images: $(or $(IMAGES),no)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS_ALL)' | cmp -s - $@ || echo '$(FLAGS_ALL)' > $@

-include $(shell find build -name '*.d' 2>/dev/null)

# ---- set-up: what a target needs and lacks, as Debian packages ----------------------------------

# Root installs. A user at a terminal is asked. Without a terminal nothing is touched.
define set_up
@set -e; packages='$(call packages,$(1))'; \
if [ -z "$$packages" ]; then exit 0; fi; \
line="apt-get install -y --no-install-recommends $$packages"; \
if [ '$(DEPS)' = no ]; then echo "Going on without: $$packages"; exit 0; fi; \
if ! command -v apt-get >/dev/null; then \
    echo "make $(1) needs these Debian packages, or what your system has in their place: $$packages" >&2; exit 2; fi; \
if [ "$$(id -u)" = 0 ]; then as_root=''; else as_root='sudo '; fi; \
if [ -n "$$as_root" ] && [ '$(DEPS)' != yes ]; then \
    echo "make $(1) needs packages that are not here. To install them:"; echo "    sudo $$line"; \
    if ! [ -t 0 ] || ! [ -t 1 ]; then exit 2; fi; \
    printf 'Run this now? [y/N] '; read -r answer; \
    case "$$answer" in y|Y|yes) ;; *) echo "Nothing installed. DEPS=no goes on without them."; exit 2 ;; esac; \
fi; \
echo "Installing: $$packages"; \
$${as_root}apt-get update -q >/dev/null && $$as_root env DEBIAN_FRONTEND=noninteractive $$line >/dev/null
endef

# Once the packages are there, another make sees them.
demo check plots claims bench book check-book:
	$(call set_up,$@)
	@$(MAKE) --no-print-directory do-$@

require = $(foreach t,$(1),$(if $(HAVE_$(t)),,$(error $(NAME_$(t)) is missing: install $(PACKAGES_$(t)))))

# ---- figures and claims -------------------------------------------------------------------------

P := plots/$(PRESET)

do-demo: tools
	$(call require,CC RANDOM123)
	@$(MAKE) experiments/parallel_lines
	experiments/parallel_lines --out plots/quick
	@$(if $(HAVE_GNUPLOT),gnuplot -e "folder='plots/quick'" plots/parallel_lines.gp && echo "Figure: plots/quick/parallel_lines.png",echo "No figure: gnuplot is missing")

# Exit 1 says that a verdict is not the one that the book gives: the results stay, everything is
# drawn and listed, and then the target fails.
DIFFERS := build/differs-$(PRESET)
$(P)/%.provenance: $(B)/experiments/%
	@mkdir -p $(P) $(DIFFERS) && rm -f $(DIFFERS)/$*
	experiments/$* --preset $(PRESET) --out $(P) || { s=$$?; touch $(DIFFERS)/$*; [ $$s = 1 ]; }

report_differences = @for f in $(DIFFERS)/*; do [ ! -e "$$f" ] || { \
    echo "Verdicts differ from the book: $$(ls $(DIFFERS) | tr '\n' ' ')" >&2; exit 1; }; done

$(P)/%.png: $(P)/%.provenance plots/%.gp plots/style.gp
	gnuplot -e "folder='$(P)'" plots/$*.gp

# Two games side by side, that differ in the loss and in how often the critic is trained.
RING := build/ring
RING_RUN = mkdir -p $(RING)/$(1) && experiments/train_toy --loss $(1) $(2) --steps 1600 --log-every 40 \
           --sample-every 40 --no-gif --out $(RING)/$(1) > $(RING)/$(1)/out
ring: plots/paper/ring.gif
plots/paper/ring.gif: plots/animations/ring.gp plots/style.gp $(B)/experiments/train_toy
	$(call require,CC RANDOM123 OPENBLAS JANSSON ZLIB GNUPLOT)
	@$(MAKE) experiments/train_toy
	$(call RING_RUN,nsgan,--critic-iters 1)
	$(call RING_RUN,wgan-gp)
	gnuplot -e "folder='plots/paper'; runs='$(RING)'" plots/animations/ring.gp

# Recipes from the first step to their scores, for the README and the chapter on images: a table
# with what it took, the run's own numbers, the last samples, and some beside their nearest. $(call scored,RECIPE,NAME,FLAGS of evaluate_images,
# of train_images)
SCORES = plots/paper/images_$(2)
define scored
	experiments/train_images --recipe $(1) --out build/$(2)/run $(4)
	experiments/evaluate_images build/$(2)/run --preset paper --out build/$(2)/scores $(3)
	{ sed -n 's/^steps = /$(HASH) steps: /p' build/$(2)/run/config.ini; \
	  sed -n 's/^wall time: \(.*\) s/$(HASH) seconds: \1/p; s/.*OpenMP with \([0-9]*\) thread.*/$(HASH) threads: \1/p' build/$(2)/run/train_images.provenance; \
	  grep -v '^$(HASH)' build/$(2)/scores/evaluate_images.tsv; } > $(SCORES).tsv
	grep -v '^$(HASH)' build/$(2)/run/metrics.tsv > $(SCORES)_metrics.tsv
	cp "$$(ls build/$(2)/run/samples/*.png | tail -n 1)" $(SCORES).png
	cp build/$(2)/scores/evaluate_images_nearest.png $(SCORES)_nearest.png
endef
clothes:
	$(call require,CC RANDOM123 $(NETS_NEED) $(IMAGES_NEED) IMAGES GNUPLOT)
	@$(MAKE) $(addprefix experiments/,train_images train_classifier evaluate_images)
	rm -rf build/fashion && mkdir -p build/fashion
	experiments/train_classifier --preset paper --out build/fashion/classifier
	$(call scored,fashion-quick,fashion,--classifier build/fashion/classifier/train_classifier.safetensors)
	@# exact W by the size of the minibatches
	{ printf 'batch\tsamples\ttraining\n'; for n in 50 250 1000; do \
	    experiments/evaluate_images build/fashion/run --count $$((4*n)) --batch $$n --batches 4 \
	        --patches 1 --directions 1 --neighbours 1 --out build/fashion/batches/$$n >&2 || exit; \
	    awk -F'\t' -v n=$$n '$$1 == "set" { for (c = 1; c <= NF; c++) if ($$c == "W") w = c } \
	        w { of[$$1] = $$w } END { print n "\t" of["samples"] "\t" of["training"] }' \
	        build/fashion/batches/$$n/evaluate_images.tsv || exit; \
	done; } > plots/paper/images_fashion_batches.tsv
emoji:
	$(call require,CC RANDOM123 $(NETS_NEED) $(IMAGES_NEED) EMOJI GNUPLOT)
	@$(MAKE) $(addprefix experiments/,train_images evaluate_images)
	rm -rf build/emoji && mkdir -p build/emoji
	$(call scored,emoji-quick,emoji,--data emoji,--threads 1)

RUNNABLE := $(filter $(BUILDABLE),$(EXPERIMENTS))
left_out = @$(foreach p,$(filter-out $(RUNNABLE),$(EXPERIMENTS)),echo "left out: $(p) (what it needs is missing)";) :

do-plots: tools $(RUNNABLE:%=experiments/%)
	$(call require,CC RANDOM123 GNUPLOT)
	$(left_out)
	@$(MAKE) $(RUNNABLE:%=$(P)/%.png)
	$(report_differences)

# A program that fails, or was left out, does not hide the rows of the others, nor its own of before.
do-claims: $(RUNNABLE:%=experiments/%)
	$(call require,CC RANDOM123)
	$(left_out)
	@$(MAKE) -k $(RUNNABLE:%=$(P)/%.provenance); s=$$?; \
	awk -v preset=$(PRESET) -f plots/claims.awk $$(ls $(EXPERIMENTS:%=$(P)/%.claims.tsv) 2>/dev/null) </dev/null || s=$$?; \
	exit $$s
	$(report_differences)

# ---- tests ----------------------------------------------------------------------------------------

TESTS_C  := $(sort $(patsubst tests/%.c,%,$(wildcard tests/test_*.c)))
TESTS_SH := $(sort $(wildcard tests/test_*.sh))
# A test that includes nets/ or kernels/ stands on them; one that includes an oracle is linked with it.
TESTS_NETS    := $(patsubst tests/%.c,%,$(shell grep -lE 'include "(\.\./)*(nets/|kernels/|net_support|experiments/(images/|common/(trainer|toy_gan)))' tests/test_*.c tests/bench/*.c))
TESTS_IMAGES  := $(patsubst tests/%.c,%,$(shell grep -lE 'include "(nets|experiments)/images/' tests/test_*.c tests/bench/*.c))
TESTS_COMMON  := $(patsubst tests/%.c,%,$(shell grep -lE 'include "experiments/(common|images)/' tests/test_*.c))
TESTS_ORACLE  := $(patsubst tests/%.c,%,$(shell grep -l 'oracle_lemon.h' tests/test_*.c tests/bench/*.c))
TESTS_LACKING := $(if $(HAVE_CHECK),,$(TESTS_C)) $(if $(NETS),,$(TESTS_NETS)) $(if $(IMAGES),,$(TESTS_IMAGES)) \
                 $(if $(and $(HAVE_CXX),$(HAVE_LEMON)),,$(TESTS_ORACLE))
TESTS_BUILT   := $(filter-out $(TESTS_LACKING),$(TESTS_C))
BENCHES_BUILT := $(filter-out $(TESTS_LACKING),$(patsubst tests/%.c,%,$(wildcard tests/bench/*.c)))

$(TESTS_ORACLE:%=$(B)/tests/%): $(B)/tests/oracle_lemon.o
$(TESTS_NETS:%=$(B)/tests/%): $(call library,nets) $(call library,kernels) $(B)/tests/reference_kernels.o
$(TESTS_COMMON:%=$(B)/tests/%): $(call library,common)
$(TESTS_IMAGES:%=$(B)/tests/%): $(call library,nets/images) $(call library,experiments/images)
$(B)/tests/%: $(B)/tests/%.o $(call library,toy)
	@echo '  LD  tests/$*'
	$(Q)$(if $(filter %oracle_lemon.o,$^),$(CXX_ALL),$(CC_ALL)) -o $@ $(filter %.o,$^) $(if $(filter %/libcommon.a,$^),-DBUILD_COMMIT='"test"' -DBUILD_FLAGS='""' experiments/common/version.c) $(archives) $(LDFLAGS) $(LINK_LIBS) $(if $(findstring bench,$@),,$(CHECK_LIBS)) -lm

# ---- the CUDA files without nvcc or a GPU: tests/emulator, and what runs on it ----------------------

E := $(B)/emulated
EMULATED_TESTS := test_parity test_cuda test_layer_parity test_layers test_penalty test_gan test_critic_step
EMULATED := $(if $(and $(HAVE_CXX),$(HAVE_CHECK),$(NETS),$(filter 0,$(SANITIZE))),$(E)/tests/test_emulator \
                 $(EMULATED_TESTS:%=$(E)/tests/%) $(E)/experiments/critic_step)
CXX_EMULATED = $(CXX_ALL) $(if $(filter double,$(REAL)),-DREAL_DOUBLE) -U_FORTIFY_SOURCE -fno-math-errno \
               -Wno-unknown-pragmas -Itests/emulator -include emulator.h
$(E)/%.o: %.cu $(B)/flags
	@mkdir -p $(@D)
	@echo '  CXX $< (emulated)'
	$(Q)$(CXX_EMULATED) -x c++ -MMD -MP -c -o $@ $<

$(E)/%.o: tests/emulator/%.cpp $(B)/flags
	@mkdir -p $(@D)
	@echo '  CXX $<'
	$(Q)$(CXX_EMULATED) $(CHECK_FLAGS) -MMD -MP -c -o $@ $<

$(E)/libkernels.a: $(patsubst %.cu,$(E)/%.o,$(wildcard kernels/*.cu)) $(E)/threads.o $(E)/runtime.o \
                   $(filter-out %/cuda_none.o,$(call library_objects,kernels))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(E)/tests/test_emulator: $(E)/test_emulator.o
$(filter-out %/test_emulator,$(EMULATED)): $(E)/%: $(B)/%.o $(B)/tests/reference_kernels.o
$(EMULATED): $(call library,common) $(call library,nets) $(E)/libkernels.a $(call library,toy)
	@mkdir -p $(@D)
	@echo '  LD  $(@:$(E)/%=%) (emulated)'
	$(Q)$(CC_ALL) -DBUILD_COMMIT='"test"' -DBUILD_FLAGS='""' -o $@ $(filter %.o,$^) experiments/common/version.c $(filter %.a,$^) \
	    $(LDFLAGS) -Wl,--as-needed $(NET_LIBS) $(CHECK_LIBS) -lstdc++ -lm

do-check: tools $(TESTS_BUILT:%=$(B)/tests/%) $(BUILDABLE:%=experiments/%) $(EMULATED)
	$(call require,CC)
	@BIN=$(B) tests/run.sh "$(filter $(TESTS_LACKING),$(TESTS_C))" $(TESTS_BUILT:%=$(B)/tests/%) $(TESTS_SH)

do-bench: $(BENCHES_BUILT:%=$(B)/tests/%) $(BUILDABLE:%=experiments/%)
	@$(foreach b,$(filter bench/%,$(TESTS_LACKING)),echo "skipped: $(b) (what it needs is missing)";)
	@$(foreach b,$(BENCHES_BUILT),env -u OPENBLAS_CORETYPE $(B)/tests/$(b) &&) :

# ---- book -----------------------------------------------------------------------------------------

do-book:
	$(call require,PYTHON PANDOC)
	python3 book/weave.py fill
	python3 book/weave.py check
	python3 book/weave.py html build/book

do-check-book:
	$(call require,PYTHON)
	python3 book/weave.py check

# ---- house ------------------------------------------------------------------------------------------

SOURCES = $(shell git ls-files '*.c' '*.h' '*.cpp' '*.cu' '*.cuh')
format:
	$(call require,FORMAT)
	clang-format -i $(SOURCES)

check-format:
	clang-format --dry-run -Werror $(SOURCES)

# Parsers against clang's fuzzer, FUZZ_SECONDS each, FUZZ_JOBS at a time; those of images with their
# libraries. What each took goes into FUZZ_TABLE.
FUZZ_SECONDS ?= 15
FUZZ_JOBS ?= $(shell nproc)
FUZZ_TABLE ?= build/fuzz/fuzz.tsv
FUZZ_SOURCES := nets/architecture.c nets/architecture_print.c nets/checksum.c nets/file.c nets/idx.c nets/safetensors.c
FUZZ_IMAGE_SOURCES := experiments/images/recipe_parse.c $(filter-out %/image_set.c,$(wildcard nets/images/*.c)) # which needs OpenMP
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_IMAGES  := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(shell grep -lE 'include "(nets|experiments)/images/' tests/fuzz/*.c))
fuzz: $(if $(IMAGES),$(FUZZ_TARGETS),$(filter-out $(FUZZ_IMAGES),$(FUZZ_TARGETS)))
	$(if $(IMAGES),,@echo "left out: $(notdir $(FUZZ_IMAGES)) (what they need is missing)")
	@printf '%s\n' $(^F) | (cd build/fuzz && xargs -P $(FUZZ_JOBS) -I@ sh -c '\
	    mkdir -p corpus-@; ./@ -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 corpus-@ >@.log 2>&1 || { cat @.log; exit 255; }')
	@{ printf 'target\tseconds\tinputs\n'; for target in $(^F); do \
	    sed -n "s/^stat::number_of_executed_units: */$$target\t$(FUZZ_SECONDS)\t/p" build/fuzz/$$target.log; done; } | tee $(FUZZ_TABLE)

$(FUZZ_IMAGES): $(FUZZ_IMAGE_SOURCES)
build/fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES)
	$(call require,CLANG)
	@mkdir -p $(@D)
	clang -std=c11 -D_GNU_SOURCE -I. $(CPPFLAGS) $(NET_FLAGS) $(IMAGE_FLAGS) -g -O1 -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDFLAGS) \
	    $(if $(filter nets/images/%,$^),$(IMAGE_LIBS)) -ljansson -lz -lm

nightly: check
	@$(MAKE) check SANITIZE=1
	@$(MAKE) check REAL=double
	BIN=$(B) EMULATED_PROCESSORS=1 tests/test_emulated.sh
	BIN=$(B) EMULATED_PROCESSORS=132 tests/test_emulated.sh
	BIN=build/double EMULATED_ALL=1 tests/test_emulated.sh
	@$(MAKE) fuzz FUZZ_SECONDS=600
	BIN=$(B) tests/torture_saves.sh 200
	tests/fresh_debian.sh

clean:
	rm -rf build plots/quick $(PROGRAMS:%=experiments/%)
