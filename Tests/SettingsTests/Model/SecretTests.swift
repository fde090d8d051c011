import Settings
import Testing

@Suite struct SecretTests {
    @Test func nothingButRevealShowsIt() {
        let secret = Secret("swordfish")
        var dumped = ""
        dump(["member": secret], to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), "\([secret])", String(describing: Optional(secret)), dumped,
        ] {
            #expect(!text.contains("swordfish"))
            #expect(text.contains("•••"))
        }
        #expect(secret.reveal() == "swordfish")
    }

    @Test func equalWhereTheTextIs() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
    }
}
