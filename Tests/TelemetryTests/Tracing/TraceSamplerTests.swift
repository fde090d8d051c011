import SeededRandom
import Testing

@testable import Telemetry

@Suite struct TraceSamplerTests {
    private static func ids(_ count: Int, seed: UInt64) throws -> [TraceID] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in try #require(TraceID(high: 1, low: generator.next())) }
    }

    private static let extremes: [UInt64] = [0, 1, 1 << 55, (1 << 56) - 1, 1 << 56, .max]

    @Test(arguments: [0, -1, Int64.min]) func nothing(millionths: Int64) throws {
        let sampler = TraceSampler(millionths: millionths)
        for low in Self.extremes { #expect(!sampler.records(try #require(TraceID(high: 1, low: low)))) }
    }

    @Test(arguments: [1_000_000, 1_000_001, Int64.max]) func everything(millionths: Int64) throws {
        let sampler = TraceSampler(millionths: millionths)
        for low in Self.extremes { #expect(sampler.records(try #require(TraceID(high: 1, low: low)))) }
    }

    @Test(arguments: [10_000, 250_000, 900_000]) func aShare(millionths: Int64) throws {
        let sampler = TraceSampler(millionths: millionths)
        let recorded = try Self.ids(20_000, seed: 82).count { sampler.records($0) }
        let expected = Double(millionths) / 1_000_000 * 20_000
        #expect(abs(Double(recorded) - expected) < 300)
    }

    /// What a small share records, a larger one records too: so several programs keep whole traces.
    @Test func sharesAgree() throws {
        let (small, large) = (TraceSampler(millionths: 100_000), TraceSampler(millionths: 300_000))
        let recorded = try Self.ids(2000, seed: 83).filter { small.records($0) }
        #expect(recorded.count > 100)
        #expect(recorded.allSatisfy { large.records($0) })
    }

    /// The first byte of an id's last half is no random number: a UUID has its variant there.
    @Test func onlyTheLast56BitsCount() throws {
        let sampler = TraceSampler(millionths: 500_000)
        for low in [0x00_FFFF_FFFF_FFFF, 0xFF_0000_0000_0000] as [UInt64] {
            let answers = try [0, 0x80, 0xBF, 0xFF].map { top in
                sampler.records(try #require(TraceID(high: 1, low: low | UInt64(top) << 56)))
            }
            #expect(Set(answers).count == 1)
        }
    }
}
