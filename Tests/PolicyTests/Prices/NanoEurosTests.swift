import Policy
import Testing

@Suite struct NanoEurosTests {
    @Test func moneyAddsUp() {
        #expect(NanoEuros(2) + NanoEuros(3) == NanoEuros(5))
        #expect(NanoEuros(2) + NanoEuros(-3) == NanoEuros(-1))
        #expect(NanoEuros(7) + .zero == NanoEuros(7))
    }

    @Test func sumsSaturate() {
        #expect(NanoEuros(.max) + NanoEuros(1) == NanoEuros(.max))
        #expect(NanoEuros(.min) + NanoEuros(-1) == NanoEuros(.min))
        #expect(NanoEuros(.max) + NanoEuros(.min) == NanoEuros(-1))
    }

    @Test func moneyCompares() {
        #expect(NanoEuros(-1) < .zero)
        #expect(!(NanoEuros(1) < NanoEuros(1)))
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.000000001"), (25_000_000_000, "25"), (1_800_000, "0.0018"), (-500_000_000, "-0.5"),
            (.min, "-9223372036.854775808"),
        ] as [(Int64, String)])
    func decimalHasNoTrailingZeros(amount: Int64, text: String) {
        #expect(NanoEuros(amount).decimal == text)
    }
}
