import Testing

@testable import OpenAIAPI

@Suite struct BatchOutputScannerTests {
    private static func line(_ model: String, _ usage: String, status: Int = 200) -> String {
        #"{"id":"r","custom_id":"usage","response":{"status_code":\#(status),"body":{"choices":[{"message":{"content":"a\nb"}}],"model":"\#(model)"\#(usage)}},"error":null}"#
    }

    private static let file = [
        line("a", #","usage":{"prompt_tokens":3,"completion_tokens":2,"reasoning_tokens":1,"total_tokens":5}"#),
        line("b", #","usage":{"prompt_tokens":7,"total_tokens":7}"#), "", "  ",
        line("a", #","usage":{"prompt_tokens":10,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":4}}"#),
        line("a", ""), line("a", #","usage":{"prompt_tokens":1000}"#, status: 500), "{broken", "[]",
        #"{"response":null,"error":{"code":"batch_expired"}}"#,
        #"{"response":{"body":{"usage":{"input_tokens":5,"output_tokens":6}}}}"#,
    ].joined(separator: "\n")

    private func sums(_ pieces: [ArraySlice<UInt8>]) -> [String?: BatchOutputScanner.Sum] {
        let scanner = BatchOutputScanner()
        for piece in pieces { scanner.scan(Array(piece).span) }
        scanner.finish()
        return scanner.sums
    }

    private static let expected: [String?: BatchOutputScanner.Sum] = {
        var a = BatchOutputScanner.Sum()
        (a.lines, a.unstatedLines) = (3, 1)
        (a.promptTokens, a.completionTokens, a.reasoningTokens, a.cachedTokens) = (13, 22, 1, 4)
        var b = BatchOutputScanner.Sum()
        (b.lines, b.promptTokens) = (1, 7)
        var unnamed = BatchOutputScanner.Sum()
        // Two lines cannot be read.
        (unnamed.lines, unnamed.unstatedLines) = (3, 2)
        (unnamed.promptTokens, unnamed.completionTokens) = (5, 6)
        return ["a": a, "b": b, nil: unnamed]
    }()

    @Test func linesAreSummedByModel() {
        #expect(sums([Array(Self.file.utf8)[...]]) == Self.expected)
        #expect(sums([Array((Self.file + "\r\n").utf8)[...]]) == Self.expected)
    }

    @Test func whereverTheFileIsSplit() {
        let bytes = Array(Self.file.utf8)
        for split in bytes.indices { #expect(sums([bytes[..<split], bytes[split...]]) == Self.expected) }
        #expect(sums(bytes.indices.map { bytes[$0...$0] }) == Self.expected)
    }

    @Test func aFileOfRefusalsHasNoAnswers() {
        let scanner = BatchOutputScanner()
        scanner.scan(Array((Self.line("a", "", status: 404) + "\n").utf8).span)
        scanner.finish()
        #expect(scanner.sums.isEmpty)
    }

    /// What is not understood is not free: only lines that say so cost nothing.
    @Test(arguments: [
        (#"{"response":{"status_code":200,"body":{"model":"m","usage":{"prompt_tokens":2}}}}"#, 1, 0),
        (#"{"response":{"status_code":200,"body":{"model":"m","usage":{"credits":2}}}}"#, 1, 1),
        (#"{"response":{"status_code":200}}"#, 1, 1), (#"{"response":{"body":{"model":"m"}}}"#, 1, 1),
        (#"{"result":{"type":"succeeded"}}"#, 1, 1), ("17", 1, 1), (#"{"response":{"status_code":200,"#, 1, 1),
        (#"{"response":{"status_code":"200","body":{}}}"#, 1, 1), ("\u{1}", 0, 0), (" \t\r", 0, 0), ("", 0, 0),
        (#"{"response":{"status_code":400,"body":{"usage":{"prompt_tokens":2}}}}"#, 0, 0),
        (#"{"response":null}"#, 0, 0), (#"{"error":{"code":"x"}}"#, 0, 0),
        (#"{"response":{"status_code":200,"body":{"model":"m"}},"error":null}"#, 1, 1),
    ])
    func linesThatCannotBeReadAreCounted(_ line: String, _ lines: Int, _ unstated: Int) {
        let all = sums([Array(line.utf8)[...]]).values
        #expect(all.reduce(0) { $0 + $1.lines } == lines)
        #expect(all.reduce(0) { $0 + $1.unstatedLines } == unstated)
    }

    @Test func modelsAreBounded() {
        let scanner = BatchOutputScanner()
        for number in 0..<1000 {
            scanner.scan(Array((Self.line("model-\(number)", #","usage":{"prompt_tokens":1}"#) + "\n").utf8).span)
        }
        scanner.finish()
        #expect(scanner.sums.count <= 65)
        #expect(scanner.sums.values.reduce(0) { $0 + $1.promptTokens } == 1000)
    }
}
