import Policy
import Testing

@Suite struct CauseTests {
    @Test(arguments: Cause.allCases) func causesHaveStableNamesAndSentences(cause: Cause) {
        #expect(cause.rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") })
        // The journal's slots have 32 bytes for it.
        #expect(cause.rawValue.utf8.count <= 32)
        #expect(cause.meaning.hasSuffix("."))
        #expect(Cause(refusalCode: cause.rawValue) == cause)
    }

    @Test func aRefusalOfAnotherCodeIsAboutTheRequest() {
        #expect(Cause(refusalCode: "invalid_multipart") == .invalidRequest)
        #expect(Cause(refusalCode: "") == .invalidRequest)
    }

    @Test func everySideIsAtFaultSometimes() {
        #expect(Set(Cause.allCases.map(\.side)) == Set(Cause.Side.allCases))
        #expect(Set(Cause.allCases.map(\.meaning)).count == Cause.allCases.count)
    }
}
