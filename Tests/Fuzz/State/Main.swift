import Fuzzing
import Glibc

/// Fuzzer of everything that is read from files.
@main
struct StateFuzzer {
    static func main() {
        exit(runFuzzer([.values, .configuration, .journal]))
    }
}
