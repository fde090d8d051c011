import Testing

@testable import Bytes

@Suite struct DecimalTextTests {
    @Test(arguments: [
        (0, "0.00"), (1, "0.000000001"), (1_800, "0.0000018"), (12_500_000_000, "12.50"), (1_000_000_000, "1.00"),
        (123_456_789_012, "123.456789012"), (-1_500_000_000, "-1.50"), (Int64.max, "9223372036.854775807"),
        (Int64.min, "-9223372036.854775808"),
    ])
    func exact(nanoEuros: Int64, text: String) {
        #expect(DecimalText.text(nanoEuros, places: 9, least: 2) == text)
    }

    @Test func withoutPlaces() {
        #expect(DecimalText.text(0, places: 6) == "0")
        #expect(DecimalText.text(2_370_000, places: 6) == "2.37")
        #expect(DecimalText.text(5, places: 0) == "5")
    }

    @Test(arguments: [
        (0, "0.0000"), (49_999, "0.0000"), (50_000, "0.0001"), (1_234_549_999, "1.2345"), (1_234_550_000, "1.2346"),
        (-50_000, "-0.0001"), (-49_999, "0.0000"), (Int64.max, "9223372036.8548"),
    ])
    func rounded(nanoEuros: Int64, text: String) {
        #expect(DecimalText.rounded(nanoEuros, places: 9, to: 4) == text)
    }

    @Test func roundedToAllPlaces() {
        #expect(DecimalText.rounded(15, places: 1, to: 1) == "1.5")
    }
}
