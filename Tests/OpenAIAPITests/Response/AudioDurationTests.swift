import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct AudioDurationTests {
    @Test(
        arguments: [
            ("0", 0), ("1", 1000), ("8.47", 8470), ("8.4701", 8471), ("0.001", 1), ("0.0001", 1), ("00.5", 500),
            ("1.2e2", 120_000), ("1E1", 10_000), ("1e+1", 10_000), ("1500e-3", 1500), ("1e-9", 1), ("0e99", 0),
            ("0e-99", 0),
            ("1.", 1000), ("60.0000000000000000000001", 60_000), ("1099511627.776", 1 << 40),
            ("1099511627776e-3", 1 << 40),
        ] as [(String, Int64)])
    func secondsBecomeMillisecondsRoundedUp(literal: String, milliseconds: Int64) {
        #expect(AudioDuration.milliseconds(literal) == milliseconds)
    }

    @Test(arguments: [
        "", ".", ".5", "-1", "+1", "e5", "1e", "1e+", "1e100", "1e-100", "1e99", "1e9223372036854775807",
        "1e-9223372036854775808", "1e99999999999999999999", "1.2.3", "1e1e1", "1,5", "abc", "1s", " 1", "0x10",
        "Infinity",
        "1099511627.777", "9999999999999999999", "99999999999999999999999999",
    ])
    func absurdNumbersAreNone(literal: String) {
        #expect(AudioDuration.milliseconds(literal) == nil)
    }

    @Test func randomTextNeverTraps() {
        var random = SeededGenerator(seed: 81)
        for _ in 0..<20_000 {
            let text = String(
                decoding: (0..<random.number(0...24)).map { _ in random.pick(Array("0123456789..eE+-".utf8)) },
                as: UTF8.self)
            let milliseconds = AudioDuration.milliseconds(text) ?? 0
            #expect((0...UpstreamUsage.limit).contains(milliseconds), "\(text)")
        }
    }

    @Test func plainNumbersAreExact() {
        var random = SeededGenerator(seed: 82)
        for _ in 0..<1000 {
            let (whole, part) = (random.number(0...1_000_000), random.number(0...999))
            let text = "\(whole)." + String(repeating: "0", count: 3 - "\(part)".count) + "\(part)"
            #expect(AudioDuration.milliseconds(text) == Int64(whole * 1000 + part))
        }
    }
}
