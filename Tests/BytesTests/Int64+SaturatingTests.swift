import SeededRandom
import Testing

@testable import Bytes

@Suite struct SaturatingTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -1_000_000, -2, -1, 0, 1, 2, 3, 1000, .max / 2, .max - 1, .max,
    ]

    private func clamped(_ number: Int128) -> Int64 { Int64(clamping: number) }

    @Test func resultsAreTheNearestNumbersThatFit() {
        for left in Self.edges {
            for right in Self.edges {
                #expect(left.addingSaturated(right) == clamped(Int128(left) + Int128(right)))
                #expect(left.subtractingSaturated(right) == clamped(Int128(left) - Int128(right)))
                #expect(left.multipliedSaturated(by: right) == clamped(Int128(left) * Int128(right)))
            }
        }
    }

    @Test(arguments: [
        (Double.nan, Int64(0)), (.infinity, .max), (-.infinity, .min), (1e300, .max), (-1e300, .min), (0x1p63, .max),
        (-0x1p63, .min), (2.9, 2), (-2.9, -2), (-0.0, 0), (.leastNonzeroMagnitude, 0),
    ])
    func everyFloatingPointNumberIsClamped(number: Double, clamped: Int64) {
        #expect(Int64(saturating: number) == clamped)
    }

    @Test func quotientsAreRoundedDownAndUp() {
        for left in Self.edges {
            for divisor in Self.edges where divisor > 0 {
                let floor = left.flooredQuotient(by: divisor)
                let ceiling = left.ceilingQuotient(by: divisor)
                #expect(Int128(floor) * Int128(divisor) <= Int128(left))
                #expect((Int128(floor) + 1) * Int128(divisor) > Int128(left))
                #expect(ceiling == (left % divisor == 0 ? floor : floor + 1))
            }
        }
    }

    @Test func scaledNumbersAreExactInFullWidth() {
        for count in Self.edges {
            for factor in Self.edges {
                for divisor in Self.edges {
                    let scaled = count.scaled(by: factor, over: divisor, limit: 1 << 50)
                    if count <= 0 || factor <= 0 || divisor <= 0 {
                        #expect(scaled == 0)
                    } else {
                        let exact = (Int128(count) * Int128(factor) + Int128(divisor) - 1) / Int128(divisor)
                        #expect(Int128(scaled) == min(exact, 1 << 50))
                    }
                }
            }
        }
    }

    @Test func randomNumbersAgreeWithWiderOnes() {
        var random = SeededGenerator(seed: 14)
        func number() -> Int64 { .random(in: .min ... .max, using: &random) >> Int64(random.number(0...63)) }
        for _ in 0..<5000 {
            let (left, right, divisor) = (number(), number(), max(1, number() & .max))
            #expect(left.addingSaturated(right) == clamped(Int128(left) + Int128(right)))
            #expect(left.subtractingSaturated(right) == clamped(Int128(left) - Int128(right)))
            #expect(left.multipliedSaturated(by: right) == clamped(Int128(left) * Int128(right)))
            #expect(left.ceilingQuotient(by: divisor) >= left.flooredQuotient(by: divisor))
        }
    }
}
