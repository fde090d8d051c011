#pragma once

#include <stddef.h>
#include <stdint.h>

/// The most seeds that a fuzzer without coverage tells apart.
#define FUZZ_SEED_LIMIT 8192

/// A function that libFuzzer calls with each input.
typedef int (*FuzzInput)(const uint8_t *data, size_t count);

/// Runs libFuzzer with its arguments.
int runFuzzDriver(int *argc, char ***argv, FuzzInput input);
