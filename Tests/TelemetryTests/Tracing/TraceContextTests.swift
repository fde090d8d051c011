import SeededRandom
import Testing

@testable import Telemetry

/// `traceparent` as the W3C defines it.
@Suite struct TraceContextTests {
    private static let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func read(_ text: String) -> TraceContext? { TraceContext(parsing: Array(text.utf8).span) }

    private func written(_ text: String) -> String? {
        read(text).map { String(decoding: $0.traceparent, as: UTF8.self) }
    }

    @Test func readsTheParts() throws {
        let context = try #require(read(Self.valid))
        #expect(context.trace == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
        #expect(context.span == SpanID(0xb7ad_6b71_6920_3331))
        #expect(context.flags == .sampled)
    }

    @Test(arguments: ["00", "01", "02", "03"]) func writesWhatItRead(flags: String) {
        let text = Self.valid.dropLast(2) + flags
        #expect(written(String(text)) == String(text))
    }

    /// Flags that are not known must be zero when they are sent.
    @Test(arguments: [("ff", "03"), ("04", "00"), ("f9", "01")]) func dropsUnknownFlags(flags: String, kept: String) {
        #expect(written(Self.valid.dropLast(2) + flags) == Self.valid.dropLast(2) + kept)
    }

    @Test(arguments: ["", "-", "-anything at all", "-00-x"]) func readsLaterVersions(rest: String) {
        #expect(written("cc" + Self.valid.dropFirst(2) + rest) == Self.valid)
    }

    private static let rest = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private static let zeros = String(repeating: "0", count: 32)
    private static let invalid: [String] = [
        "", "00", String(valid.dropLast(3)), "\(valid)-", "\(valid)-00", "\(valid) ", " \(valid)", "ff\(rest)",
        "0g\(rest)", "-0\(rest)", "cc\(rest)x", "cc\(rest).-", valid.uppercased(), valid.replacing("0af", with: "0Af"),
        "00-\(zeros)-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "\(valid.dropLast(2))0x", "\(valid.dropLast(2))1", "\(valid.dropLast(2))0F",
        valid.replacing("00-", with: "00_"), valid.replacing("c-b", with: "c_b"), valid.replacing("-01", with: "_01"),
        valid.replacing("c-b7", with: "cb7-"),
    ]

    @Test(arguments: invalid)
    func refuses(text: String) { #expect(read(text) == nil) }

    /// Half of a trace's id may be zero.
    @Test func halvesMayBeZero() {
        for trace in ["00000000000000000000000000000001", "80000000000000000000000000000000"] {
            let text = "00-\(trace)-0000000000000001-00"
            #expect(written(text) == text)
        }
    }

    /// Whatever is accepted has the form of the grammar, and is read again as what was written.
    @Test func changedBytesAreReadStrictly() throws {
        var generator = SeededGenerator(seed: 81)
        let pattern = /[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?/.dotMatchesNewlines()
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Array(Self.valid.utf8)
            for _ in 0..<generator.number(0...2) {
                let byte = generator.pick(Array("0f9aAF-g \n\u{0}".utf8))
                switch generator.number(0...2) {
                case 0: bytes[generator.number(0...bytes.count - 1)] = byte
                case 1: bytes.insert(byte, at: generator.number(0...bytes.count))
                default: bytes.remove(at: generator.number(0...bytes.count - 1))
                }
            }
            guard let context = TraceContext(parsing: bytes.span) else { continue }
            accepted += 1
            #expect(try pattern.wholeMatch(in: String(decoding: bytes, as: UTF8.self)) != nil)
            #expect(TraceContext(parsing: context.traceparent.span) == context)
        }
        #expect(accepted > 5000)
        #expect(accepted < 19_000)
    }

    @Test func randomBitsAreAlwaysAnID() {
        #expect(SpanID(random: 0).value == 1)
        #expect(SpanID(random: .max).value == .max)
        #expect(SpanID(0) == nil)
        #expect(TraceID(high: 0, low: 0) == nil)
    }
}
