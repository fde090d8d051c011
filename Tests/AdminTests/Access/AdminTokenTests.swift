import Testing

@testable import Admin

@Suite struct AdminTokenTests {
    private let token = AdminToken("token", of: .anonymous)

    @Test func theTokenIsEqualToItself() {
        #expect(token.isEqual(to: "token".utf8))
    }

    @Test(arguments: ["", "t", "toke", "tokens", "Token", "tokem", "\u{0}oken", "xxxxx"])
    func everyOtherTextDiffers(_ text: String) {
        #expect(!token.isEqual(to: text.utf8))
    }

    @Test func aDifferenceAtEveryPlaceIsSeen() {
        for index in 0..<5 {
            for bit in 0..<8 {
                var bytes = Array("token".utf8)
                bytes[index] ^= 1 << UInt8(bit)
                #expect(!token.isEqual(to: bytes))
            }
        }
    }

    @Test func differencesDoNotCancelEachOtherOut() {
        var bytes = Array("token".utf8)
        bytes[0] ^= 1
        bytes[1] ^= 1
        #expect(!token.isEqual(to: bytes))
    }
}
