import Fuzzing
import Glibc

/// Fuzzer of everything that is read without I/O from connections.
@main
struct WireFuzzer {
    static func main() {
        exit(
            runFuzzer([
                .requestHeads, .responseHeads, .chunked, .messages, .json, .jsonRequests, .jsonResponses, .lists,
                .textPatterns,
                .events,
                .multipart, .sounds, .queries,
                .responsesRequests, .responsesStreams, .messagesRequests, .messagesStreams,
            ]))
    }
}
