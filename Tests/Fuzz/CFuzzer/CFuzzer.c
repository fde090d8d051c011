#include "CFuzzer.h"

/// The entry point of libFuzzer for programs with a `main` of their own.
int LLVMFuzzerRunDriver(int *argc, char ***argv, FuzzInput input);

#ifndef PROPYLON_FUZZ_SHIPPED

int runFuzzDriver(int *argc, char ***argv, FuzzInput input) { return LLVMFuzzerRunDriver(argc, argv, input); }

#else

#include <stdbool.h>

// libFuzzer never mutates a seed without a feature of its own (`-keep_seed` only keeps it for cross-overs), and rooms without
// coverage have none. Each seed therefore marks a counter of its own, and nothing else does.

size_t LLVMFuzzerMutate(uint8_t *data, size_t count, size_t limit);

/// Counters in which libFuzzer sees features: one for each class of values of each byte.
__attribute__((section("__libfuzzer_extra_counters"), used)) static uint8_t marks[FUZZ_SEED_LIMIT / 8];
/// A value of each class.
static const uint8_t classes[8] = {1, 2, 3, 4, 8, 16, 32, 128};

static FuzzInput fuzzInput;
static size_t seedCount;
static bool seedsAreRead;

static int markSeed(const uint8_t *data, size_t count) {
    if (!seedsAreRead && seedCount < FUZZ_SEED_LIMIT) {
        marks[seedCount / 8] = classes[seedCount % 8];
        seedCount++;
    }
    return fuzzInput(data, count);
}

/// Mutates as libFuzzer does by itself. The first call tells that all seeds have been read.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t count, size_t limit, unsigned int seed) {
    (void)seed;
    seedsAreRead = true;
    return LLVMFuzzerMutate(data, count, limit);
}

int runFuzzDriver(int *argc, char ***argv, FuzzInput input) {
    fuzzInput = input;
    return LLVMFuzzerRunDriver(argc, argv, markSeed);
}

#endif
