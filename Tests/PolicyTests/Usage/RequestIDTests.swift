import Clocks
import Policy
import SeededRandom
import Testing

@Suite struct RequestIDTests {
    @Test func textIsAVersion7UUID() {
        // The time of the example in RFC 9562, appendix A.6, and its random bits.
        let id = RequestID(
            at: Timestamp(microseconds: 0x017F_22E2_79B0 * 1000), random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test func versionAndVariantStandWhateverTheRandomBits() {
        for random in [(UInt64.min, UInt64.min), (.max, .max)] {
            let id = RequestID(at: Timestamp(seconds: 1_700_000_000), random: random)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 2)
        }
    }

    @Test func idsSortByTheirTime() {
        var generator = SeededGenerator(seed: 2)
        for milliseconds in 0..<500 as Range<Int64> {
            let earlier = RequestID(
                at: Timestamp(microseconds: milliseconds * 1000), random: (generator.next(), generator.next()))
            let later = RequestID(
                at: Timestamp(microseconds: (milliseconds + 1) * 1000), random: (generator.next(), generator.next()))
            #expect(earlier < later)
            #expect(earlier.description < later.description)
        }
    }

    @Test func timesBeforeTheEpochCountAsTheEpoch() {
        #expect(RequestID(at: Timestamp(seconds: -5), random: (0, 0)).high == 0x7000)
    }

    @Test func theTextIsReadAgain() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let id = RequestID(high: generator.next(), low: generator.next())
            #expect(RequestID(id.description) == id)
            #expect(RequestID(id.description.uppercased()) == id)
        }
    }

    @Test(arguments: [
        "", "0123456789abcdeffedcba9876543210", "01234567-89ab-cdef-fedc-ba987654321",
        "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567-89ab-cdef-fedc-ba987654321g", "01234567+89ab-cdef-fedc-ba9876543210", "chatcmpl-1",
    ]) func otherTextsAreNoID(text: String) { #expect(RequestID(text) == nil) }

    @Test func writeAppends() {
        var bytes = Array("id: ".utf8)
        RequestID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210).write(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "id: 01234567-89ab-cdef-fedc-ba9876543210")
    }
}
