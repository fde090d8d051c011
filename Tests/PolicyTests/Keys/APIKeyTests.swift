import Policy
import Testing

@Suite struct APIKeyTests {
    @Test func generatedKeyHasItsShape() {
        var ids: Set<String> = []
        var texts: Set<String> = []
        for _ in 0..<1000 {
            let key = APIKey.generate()
            let text = key.reveal()
            #expect(text.wholeMatch(of: /sk-ppl-[0-9a-hjkmnp-tv-z]{10}-[0-9A-Za-z]{43}/) != nil)
            #expect(text.hasPrefix("sk-ppl-\(key.id)-"))
            #expect(isWellFormed(text))
            ids.insert(key.id)
            texts.insert(text)
        }
        #expect(ids.count == 1000)
        #expect(texts.count == 1000)
    }

    @Test func rotationKeepsTheIDAndChangesTheSecret() {
        let key = APIKey.generate()
        let rotated = APIKey.rotated(id: key.id)
        #expect(rotated.id == key.id)
        #expect(rotated.reveal() != key.reveal())
        #expect(isWellFormed(rotated.reveal()))
    }

    @Test func everySecretDigitComes() {
        var digits: Set<Character> = []
        for _ in 0..<200 { digits.formUnion(APIKey.generate().reveal().suffix(43)) }
        #expect(digits.count == 62)
    }

    @Test func noDescriptionShowsTheSecret() {
        let key = APIKey.generate()
        let secret = key.reveal().suffix(43)
        var dumped = ""
        dump([key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), String(describing: Optional(key)), dumped] {
            #expect(!text.contains(secret))
            #expect(text.contains(key.id))
        }
        #expect("\(key)" == "sk-ppl-\(key.id)-…")
    }

    @Test func oneChangedByteOfTheFrameIsSeen() {
        let text = Array(APIKey.generate().reveal().utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                #expect(isWellFormed(changed) == Self.model(changed))
            }
        }
        for count in text.indices { #expect(!isWellFormed(Array(text[..<count]))) }
        #expect(!isWellFormed(text + [UInt8(ascii: "a")]))
        #expect(!isWellFormed([UInt8]()))
    }

    /// The shape, said in the plainest way.
    private static func model(_ bytes: [UInt8]) -> Bool {
        guard bytes.allSatisfy({ $0 < 128 }) else { return false }
        return String(decoding: bytes, as: UTF8.self)
            .wholeMatch(of: /sk-ppl-[0123456789abcdefghjkmnpqrstvwxyz]{10}-[0-9A-Za-z]{43}/) != nil
    }

    private func isWellFormed(_ text: String) -> Bool { isWellFormed(Array(text.utf8)) }

    private func isWellFormed(_ bytes: [UInt8]) -> Bool { APIKey.isWellFormed(bytes.span) }
}
