import Clocks
import Policy
import Testing

@Suite struct MissingPriceTests {
    private let now = Timestamp(seconds: 1000)

    @Test(arguments: [ServiceKind.speech, .images]) func servicesThatTheVendorDoesNotPriceAreFree(kind: ServiceKind) {
        let missing = PriceList.vendor.missingPrice(of: "z-image:16b", kind: kind, at: now)
        #expect(missing == MissingPrice(model: "z-image:16b", kind: kind, isFree: true))
        #expect(PriceList.vendor.missingPrice(of: nil, kind: kind, at: now)?.isFree == true)
    }

    @Test(arguments: [ServiceKind.tokens, .batch, .rerank, .transcription])
    func unknownModelsCostTheDefault(kind: ServiceKind) {
        #expect(
            PriceList.vendor.missingPrice(of: "mine", kind: kind, at: now)
                == MissingPrice(model: "mine", kind: kind, isFree: false))
        #expect(PriceList.vendor.missingPrice(of: "gpt-oss:120b", kind: kind, at: now) == nil)
        #expect(PriceList.vendor.missingPrice(of: nil, kind: kind, at: now) == nil)
    }

    @Test func aPriceOfNothingIsAPrice() {
        var prices = ModelPrices.vendor
        prices.speechCharacter = 0
        let list = PriceList(models: ["tts-1": PriceHistory(prices)])
        #expect(list.missingPrice(of: "tts-1", kind: .speech, at: now) == nil)
        #expect(list.missingPrice(of: "tts-1", kind: .images, at: now)?.isFree == true)
        #expect(list.missingPrice(of: "tts-2", kind: .speech, at: now)?.isFree == true)
    }

    @Test func aPriceCountsFromItsDay() {
        var prices = ModelPrices.vendor
        prices.image = 5
        let list = PriceList(
            standard: PriceHistory(.vendor, [.init(from: Timestamp(seconds: 2000), prices)]))
        #expect(list.missingPrice(of: "z-image:16b", kind: .images, at: now)?.isFree == true)
        #expect(list.missingPrice(of: "z-image:16b", kind: .images, at: Timestamp(seconds: 2000)) == nil)
    }

    @Test func whatIsFreeNeedsNoPrice() {
        #expect(PriceList.vendor.missingPrice(of: "mine", kind: .free, at: now) == nil)
    }

    @Test func theWarningNamesEffectAndRemedyOnce() {
        #expect(
            "\(MissingPrice(model: "tts-1", kind: .speech, isFree: true))"
                == #"characters of speech of the model "tts-1" have no price, so they cost nothing and no budget bounds "#
                + #"them; set speech in models.prices."tts-1""#)
        #expect(
            "\(MissingPrice(model: "mine", kind: .tokens, isFree: false))"
                == #"tokens of the model "mine" are billed at the default price; set input and output in "#
                + #"models.prices."mine""#)
    }
}
