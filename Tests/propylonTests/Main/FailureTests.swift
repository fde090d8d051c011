import Testing

@testable import propylon

@Suite struct FailureTests {
    @Test func errorsHaveAPrefix() {
        #expect(Failure("the disk is full").message == "error: the disk is full")
    }

    @Test func errorsOfArgumentsHaveTheSame() {
        #expect(Failure.inStyle("Error: Unknown option '--x'\nUsage: …") == "error: Unknown option '--x'\nUsage: …")
        #expect(Failure.inStyle("other") == "other")
    }

    @Test func listingsHaveNone() {
        #expect(Failure("a.yaml:1:1: error: x", isListing: true).message == "a.yaml:1:1: error: x")
    }

    @Test func otherErrorsAreDescribed() {
        let failure = Failure(StartError.noUpstreamKey, status: .badConfiguration)
        #expect(failure.description == StartError.noUpstreamKey.description)
        #expect(failure.status == .badConfiguration)
    }

    @Test func aFailureStaysItself() {
        let failure = Failure(Failure("x", status: .wrongUsage), status: .failed)
        #expect(failure.status == .wrongUsage)
        #expect(failure.description == "x")
    }

    @Test func theStatusesAreFixed() {
        #expect(Failure("x").status.rawValue == 1)
        #expect(Failure("x", status: .done).status.rawValue == 0)
        #expect(Failure("x", status: .wrongUsage).status.rawValue == 2)
        #expect(Failure("x", status: .badConfiguration).status.rawValue == 3)
    }
}
