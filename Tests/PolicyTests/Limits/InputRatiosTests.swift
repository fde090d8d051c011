import SeededRandom
import Testing

@testable import Policy

@Suite struct InputRatiosTests {
    private let key = KeyRecord.of("a")
    private let beside: Int64 = 256

    private func request(_ bytes: Int64, model: String? = "m", isText: Bool = true) -> LimitedRequest {
        var request = LimitedRequest(
            kind: .tokens, model: model, units: BillableUnits(), mostInputTokens: bytes + beside, output: .none)
        request.textBytes = bytes
        request.isText = isText
        return request
    }

    private func hold(
        _ ratios: inout InputRatios, _ bytes: Int64, model: String? = "m", of other: KeyRecord? = nil,
        isText: Bool = true
    ) throws -> InputRatios.Hold {
        let hold = ratios.hold(for: request(bytes, model: model, isText: isText), of: other ?? key)
        return try #require(hold)
    }

    /// Sends a request of `bytes` whose text has `tokens`, and returns what it held less than a token a byte.
    @discardableResult private func send(
        _ ratios: inout InputRatios, _ bytes: Int64, tokens: Int64?, isText: Bool = true
    ) throws -> Int64 {
        let hold = try hold(&ratios, bytes, isText: isText)
        ratios.begin(hold)
        ratios.end(hold, tokens: tokens.map { $0 + beside })
        return hold.uncovered
    }

    @Test func eightRequestsHaveToBeMeasured() throws {
        var ratios = InputRatios()
        for _ in 0..<8 { #expect(try send(&ratios, 4096, tokens: 1024) == 0) }
        // A quarter of a token for each byte, and a quarter of that more.
        #expect(try send(&ratios, 4096, tokens: 1024) == 4096 - 1280)
    }

    @Test func whatIsNotStatedOrNoTextTeachesNothing() throws {
        var ratios = InputRatios()
        for _ in 0..<20 {
            #expect(try send(&ratios, 4096, tokens: nil) == 0)
            #expect(try send(&ratios, 4096, tokens: 1024, isText: false) == 0)
        }
        for unknown in [request(4096, model: nil), request(0)] {
            let hold = ratios.hold(for: unknown, of: key)
            #expect(hold?.uncovered == nil)
        }
    }

    @Test func othersLearnNothingFromIt() throws {
        var ratios = InputRatios()
        for _ in 0..<9 { try send(&ratios, 4096, tokens: 1024) }
        #expect(try hold(&ratios, 4096, model: "other").uncovered == 0)
        #expect(try hold(&ratios, 4096, of: .of("b")).uncovered == 0)
        #expect(try hold(&ratios, 4096, isText: false).uncovered == 4096 - 1280)
    }

    @Test func theHighestCounts() throws {
        var ratios = InputRatios()
        for number in 0..<9 { try send(&ratios, 1024, tokens: number == 3 ? 700 : 100) }
        #expect(try send(&ratios, 1024, tokens: 100) == 1024 - 875)
    }

    @Test func anOldRatioIsForgotten() throws {
        var ratios = InputRatios()
        try send(&ratios, 1024, tokens: 1024)
        for _ in 0..<128 { #expect(try send(&ratios, 1024, tokens: 256) == 0) }
        #expect(try send(&ratios, 1024, tokens: 256) == 1024 - 320)
    }

    @Test func oneThatHeldTooLittleEndsTheTrust() throws {
        var ratios = InputRatios()
        for _ in 0..<8 { try send(&ratios, 4096, tokens: 1024) }
        #expect(try send(&ratios, 4096, tokens: 1280) > 0)
        #expect(try send(&ratios, 4096, tokens: 2048) > 0)
        for _ in 0..<7 { #expect(try send(&ratios, 4096, tokens: 1024) == 0) }
        #expect(try send(&ratios, 4096, tokens: 1024) == 4096 - 2560)
    }

    @Test func noRatioIsBelowAnEighth() throws {
        var ratios = InputRatios()
        for _ in 0..<8 { try send(&ratios, 8192, tokens: 0) }
        #expect(try send(&ratios, 8192, tokens: 0) == 8192 - 1280)
    }

    @Test func theUncoveredInFlightIsAQuarterOfWhatWasMeasured() throws {
        var ratios = InputRatios()
        for _ in 0..<16 { try send(&ratios, 1024, tokens: 256) }
        var holds: [InputRatios.Hold] = []
        for _ in 0..<10 {
            let hold = try hold(&ratios, 1024)
            ratios.begin(hold)
            holds.append(hold)
        }
        #expect(holds.reduce(0) { $0 + $1.uncovered } == 5 * 704)
        for hold in holds { ratios.end(hold, tokens: nil) }
        #expect(try hold(&ratios, 1024).uncovered == 704)
    }

    @Test func aFullTableBeginsAnew() throws {
        var ratios = InputRatios()
        for number in 0..<20_000 {
            let hold = try hold(&ratios, 1024, model: "m\(number % 17_000)")
            ratios.end(hold, tokens: 256)
        }
        #expect(try hold(&ratios, 1024).uncovered == 0)
    }

    /// Whatever is sent and stated: nothing traps, no more is uncovered than the text has, nor than a quarter of what was billed.
    @Test func boundsHoldForAnyNumbers() throws {
        var generator = SeededGenerator(seed: 5)
        var ratios = InputRatios()
        var flight: [(hold: InputRatios.Hold, bytes: Int64, tokens: Int64?)] = []
        var measured: Int64 = 0
        for _ in 0..<20_000 {
            if Bool.random(using: &generator) || flight.isEmpty {
                let bytes = Int64.random(in: 1...(Bool.random(using: &generator) ? 9000 : 1 << 40), using: &generator)
                let hold = try hold(&ratios, bytes)
                ratios.begin(hold)
                #expect((0...bytes).contains(hold.uncovered))
                let stated = [nil, bytes / 4, bytes / 2, .max, .min, 0] as [Int64?]
                flight.append((hold, bytes, stated.randomElement(using: &generator)!))
                #expect(flight.reduce(0) { $0 + $1.hold.uncovered } <= measured / 4)
            } else {
                let (hold, bytes, tokens) = flight.remove(at: Int.random(in: flight.indices, using: &generator))
                ratios.end(hold, tokens: tokens)
                if tokens != nil { measured += bytes }
            }
        }
    }
}
