import Policy
import Testing

@testable import Store

@Suite struct JournalFlagsTests {
    @Test(arguments: Exactness.allCases, Ending.allCases)
    func everyCombinationComesBack(exactness: Exactness, ending: Ending) throws {
        for (streamed, counts) in [(false, false), (false, true), (true, false), (true, true)] {
            let flags = JournalSlot.Flags(
                exactness: exactness, ending: ending, streamed: streamed, countsAsRequest: counts)
            let read = try #require(JournalSlot.Flags(bits: flags.bits))
            #expect(read.exactness == exactness)
            #expect(read.ending == ending)
            #expect(read.streamed == streamed)
            #expect(read.countsAsRequest == counts)
        }
    }

    /// The codes are in files of earlier versions.
    @Test func theCodesStay() {
        func bits(_ exactness: Exactness, _ ending: Ending) -> UInt32 {
            JournalSlot.Flags(exactness: exactness, ending: ending, streamed: false, countsAsRequest: false).bits
        }
        #expect(bits(.exact, .complete) == 0x0101)
        #expect(bits(.estimated, .refused) == 0x0202)
        #expect(bits(.interrupted, .clientGone) == 0x0303)
        #expect(bits(.exact, .upstreamFailed) == 0x0401)
        #expect(bits(.exact, .upstreamInterrupted) == 0x0501)
        #expect(bits(.exact, .upstreamTimeout) == 0x0601)
        #expect(bits(.exact, .drained) == 0x0701)
        #expect(bits(.exact, .gatewayDied) == 0x0801)
        #expect(bits(.exact, .overrun) == 0x0901)
        #expect(bits(.exact, .idleTimeout) == 0x0A01)
        #expect(bits(.exact, .keyRefused) == 0x0B01)
        #expect(bits(.interrupted, .cancelled) == 0x0C03)
    }

    @Test(arguments: [0, 0x0001, 0x0100, 0x0104, 0x0D01, .max] as [UInt32])
    func unknownCodesAreRefused(bits: UInt32) {
        #expect(JournalSlot.Flags(bits: bits) == nil)
    }
}
