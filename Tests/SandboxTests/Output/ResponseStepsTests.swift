import Testing

@testable import Sandbox

@Suite struct ResponseStepsTests {
    private let list: [SandboxResponse.Step] = [
        .bytes(Array("abcdefghij".utf8)), .pause(.seconds(1)), .bytes(Array("klm".utf8)),
    ]

    private func bytes(_ steps: ResponseSteps) -> [UInt8] {
        steps.flatMap { step -> [UInt8] in if case .bytes(let bytes) = step { bytes } else { [] } }
    }

    @Test func plainStepsAreTheList() {
        #expect(Array(ResponseSteps(.list(list[...]), gzip: false, drips: false)) == list)
    }

    @Test func stepsCanBeIteratedAgain() {
        for gzip in [false, true] {
            let steps = ResponseSteps(.list(list[...]), gzip: gzip, drips: false)
            #expect(Array(steps) == Array(steps))
        }
    }

    @Test func dripsAreSevenBytesAndAMillisecond() {
        let steps = Array(ResponseSteps(.list(list[...]), gzip: false, drips: true))
        #expect(steps[0] == .pause(.milliseconds(1)) || steps[0] == .bytes(Array("abcdefg".utf8)))
        #expect(bytes(ResponseSteps(.list(list[...]), gzip: false, drips: true)) == Array("abcdefghijklm".utf8))
        #expect(steps.contains(.pause(.seconds(1))))
        #expect(steps.contains(.bytes(Array("hij".utf8))))
    }

    @Test func compressedStepsAreOneFile() throws {
        #expect(
            try gunzip(bytes(ResponseSteps(.list(list[...]), gzip: true, drips: false))) == Array("abcdefghijklm".utf8))
    }

    @Test func compressedStepsKeepTheirPauses() {
        let steps = Array(ResponseSteps(.list(list[...]), gzip: true, drips: false))
        #expect(steps.count == 4)
        #expect(steps[1] == .pause(.seconds(1)))
    }

    @Test func compressedDripsAreOneFile() throws {
        #expect(
            try gunzip(bytes(ResponseSteps(.list(list[...]), gzip: true, drips: true))) == Array("abcdefghijklm".utf8))
    }

    @Test(arguments: [SandboxResponse.Step.cut, .stall, .reset])
    func faultsPassThrough(_ fault: SandboxResponse.Step) {
        for (gzip, drips) in [(false, false), (true, false), (false, true), (true, true)] {
            let steps = ResponseSteps(.list([.bytes([1]), fault]), gzip: gzip, drips: drips)
            #expect(Array(steps).contains(fault))
        }
    }

    @Test func anEmptyBodyHasNoSteps() {
        #expect(Array(ResponseSteps(.list([]), gzip: false, drips: false)).isEmpty)
        #expect(Array(ResponseSteps(.list([]), gzip: false, drips: true)).isEmpty)
    }
}
