import Glibc
import MessagesAPI
import OpenAIAPI
import ResponsesAPI

/// What the translation of requests and of stream events costs, in microseconds of CPU time.
///
///     scripts/bench --only translation
///
/// `translation-benchmark API COUNT` translates the request of 64 KiB so often and does nothing else, to count its instructions.
@main
enum TranslationBenchmark {
    private struct API: Sendable {
        let name: String
        let request: [UInt8]
        /// The bytes around the Base64 of an image.
        let image: (before: String, after: String)
        let translate: @Sendable ([UInt8], TranslationContext) throws(APIError) -> TranslatedRequest

        func translated(_ body: [UInt8], _ readers: EventReaders) throws(APIError) -> TranslatedRequest {
            try translate(body, TranslationContext(id: "id", createdAt: 1, readers: readers))
        }
    }

    static func main() throws {
        let readers = EventReaders()
        let arguments = CommandLine.arguments.dropFirst()
        if let name = arguments.first, let api = apis.first(where: { $0.name == name }) {
            for _ in 0..<(Int(arguments.last ?? "") ?? 1) { _ = try api.translated(api.request, readers) }
            return
        }
        print(
            "API        request of 64 KiB  with an image of 5 MB  event of text  event of a call  (us of CPU, median of 5)"
        )
        for api in apis {
            func cost(of body: [UInt8], runs: Int) throws -> Double {
                try median(runs) { _ = try api.translated(body, readers) }
            }
            func cost(of event: String, runs: Int) throws -> Double {
                let event = Array(event.utf8)
                let translator = try api.translated(api.request, readers).response
                var output: [UInt8] = []
                return try median(runs) {
                    translator.receive(event.span, at: 1, to: &output)
                    output.removeAll(keepingCapacity: true)
                }
            }
            let withImage =
                Array(api.image.before.utf8) + [UInt8](repeating: 0x41, count: 5_000_000) + Array(api.image.after.utf8)
            let columns = [
                try cost(of: api.request, runs: 500), try cost(of: withImage, runs: 10),
                try cost(of: text, runs: 5000), try cost(of: call, runs: 5000),
            ]
            print(api.name, columns.map { "\(($0 * 10).rounded() / 10)" }.joined(separator: "  "), separator: "  ")
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

    private static let text = chunk(#"{"content":" token"}"#)
    private static let call = chunk(
        #"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{\"a\""}}]}"#)

    private static func chunk(_ delta: String) -> String {
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-oss:120b","choices":[{"index":0,"delta":\#(delta),"finish_reason":null}]}"#
            + "\n\n"
    }

    private static let apis = [
        API(
            name: "responses", request: request(responsesHead, responsesTurn),
            image: (
                responsesHead
                    + #"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,"#,
                #""}]}]}"#
            ), translate: { body, context throws(APIError) in try ResponsesRequest.translated(body, context) }),
        API(
            name: "messages", request: request(messagesHead, messagesTurn),
            image: (
                messagesHead
                    + #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":""#,
                #""}}]}]}"#
            ), translate: { body, context throws(APIError) in try MessagesRequest.translated(body, context) }),
    ]

    /// A conversation of an agent of exactly 64 KiB: turns of text, calls and outputs of tools, about 1.1 KB each.
    private static func request(_ head: String, _ turn: (Int, String) -> String) -> [UInt8] {
        let length = 64 << 10
        var text = head
        var number = 0
        let output = String(repeating: #"a line of output with \"quotes\"\n"#, count: 24)
        while text.utf8.count + turn(number, output).utf8.count + turn(number + 1, "").utf8.count + 4 <= length {
            text += turn(number, output) + ","
            number += 1
        }
        let rest = length - text.utf8.count - turn(number, "").utf8.count - 2
        return Array((text + turn(number, String(repeating: "x", count: rest)) + "]}").utf8)
    }

    private static let responsesHead =
        #"{"model":"m","stream":true,"tools":[{"type":"function","name":"shell","description":"d","parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}}],"input":["#

    private static func responsesTurn(_ turn: Int, _ output: String) -> String {
        #"{"type":"message","role":"user","content":[{"type":"input_text","text":"question"}]},{"type":"reasoning","summary":[{"type":"summary_text","text":"thinking of \#(turn)"}]},{"type":"function_call","call_id":"c\#(turn)","name":"shell","arguments":"{\"cmd\":\"ls -l\"}"},{"type":"function_call_output","call_id":"c\#(turn)","output":"\#(output)"}"#
    }

    private static let messagesHead =
        #"{"model":"m","max_tokens":100,"stream":true,"tools":[{"name":"shell","description":"d","input_schema":{"type":"object","properties":{"cmd":{"type":"string"}}}}],"messages":["#

    private static func messagesTurn(_ turn: Int, _ output: String) -> String {
        #"{"role":"user","content":[{"type":"text","text":"question"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"thinking of \#(turn)","signature":"s"},{"type":"tool_use","id":"c\#(turn)","name":"shell","input":{"cmd":"ls -l"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c\#(turn)","content":"\#(output)"}]}"#
    }
}
