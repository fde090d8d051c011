import Glibc
import MessagesAPI
import OpenAIAPI
import ResponsesAPI

/// What the translation of requests and of stream events costs, in microseconds of CPU time.
///
///     scripts/bench --only translation
@main
enum TranslationBenchmark {
    private typealias Translation = ([UInt8], TranslationContext) throws(APIError) -> TranslatedRequest

    static func main() throws {
        let readers = EventReaders()
        let apis: [(name: String, request: String, image: String, Translation)] = [
            (
                "responses", responsesRequest,
                #"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,\#(image)"}]}"#,
                ResponsesRequest.translated
            ),
            (
                "messages", messagesRequest,
                #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(image)"}}]}"#,
                MessagesRequest.translated
            ),
        ]
        print(
            "API        request of 52 KB  with an image of 5 MB  event of text  event of a call  (us of CPU, median of 5)"
        )
        for (name, request, image, translate) in apis {
            func context() -> TranslationContext { TranslationContext(id: "id", createdAt: 1, readers: readers) }
            func cost(of body: [UInt8], runs: Int) throws -> Double {
                try median(runs) { _ = try translate(body, context()) }
            }
            func cost(of deltas: [UInt8], events: Int) throws -> Double {
                let translator = try translate(Array(request.utf8), context()).response
                var output: [UInt8] = []
                return try median(events) {
                    translator.receive(deltas.span, at: 1, to: &output)
                    output.removeAll(keepingCapacity: true)
                }
            }
            let large = Array(request.utf8.dropLast(2)) + Array(",\(image)]}".utf8)
            let columns = [
                try cost(of: Array(request.utf8), runs: 500), try cost(of: large, runs: 10),
                try cost(of: Array(text.utf8), events: 5000), try cost(of: Array(call.utf8), events: 5000),
            ]
            print(name, columns.map { "\(($0 * 10).rounded() / 10)" }.joined(separator: "  "), separator: "  ")
        }
    }

    /// The microseconds that `body` takes, of five series of `count`.
    private static func median(_ count: Int, _ body: () throws -> Void) throws -> Double {
        let series = try (0..<5).map { _ in
            let start = processorNanoseconds()
            for _ in 0..<count { try body() }
            return Double(processorNanoseconds() - start) / Double(count) / 1000
        }
        return series.sorted()[2]
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    // MARK: Input

    private static let image = String(repeating: "A", count: 5_000_000)
    private static let text = chunk(#"{"content":" token"}"#)
    private static let call = chunk(
        #"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{\"a\""}}]}"#)

    private static func chunk(_ delta: String) -> String {
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-oss:120b","choices":[{"index":0,"delta":\#(delta),"finish_reason":null}]}"#
            + "\n\n"
    }

    /// A conversation of an agent: turns of text, calls and outputs of tools, about 1.1 KB each.
    private static let turns = 46
    private static let output = String(repeating: #"a line of output with \"quotes\"\n"#, count: 24)

    private static let responsesRequest =
        #"{"model":"m","stream":true,"tools":[{"type":"function","name":"shell","description":"d","parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}}],"input":["#
        + (0..<turns).map { turn in
            #"{"type":"message","role":"user","content":[{"type":"input_text","text":"question"}]},{"type":"reasoning","summary":[{"type":"summary_text","text":"thinking of \#(turn)"}]},{"type":"function_call","call_id":"c\#(turn)","name":"shell","arguments":"{\"cmd\":\"ls -l\"}"},{"type":"function_call_output","call_id":"c\#(turn)","output":"\#(output)"}"#
        }.joined(separator: ",") + "]}"

    private static let messagesRequest =
        #"{"model":"m","max_tokens":100,"stream":true,"tools":[{"name":"shell","description":"d","input_schema":{"type":"object","properties":{"cmd":{"type":"string"}}}}],"messages":["#
        + (0..<turns).map { turn in
            #"{"role":"user","content":[{"type":"text","text":"question"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"thinking of \#(turn)","signature":"s"},{"type":"tool_use","id":"c\#(turn)","name":"shell","input":{"cmd":"ls -l"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c\#(turn)","content":"\#(output)"}]}"#
        }.joined(separator: ",") + "]}"
}
