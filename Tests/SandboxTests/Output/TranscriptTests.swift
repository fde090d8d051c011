import Testing

@testable import Sandbox

@Suite struct TranscriptTests {
    private func transcript(_ milliseconds: Int) -> Transcript {
        Transcript(milliseconds: milliseconds, language: "fr", isTranslation: false)
    }

    @Test(arguments: [(1, 1), (999, 1), (1000, 2), (10_000, 20), (600_000, 1200), (1_000_000_000, 1200)])
    func aSecondHasTwoWords(_ milliseconds: Int, _ words: Int) {
        #expect(transcript(milliseconds).text.split(separator: " ").count == words)
    }

    @Test func timesAreHoursMinutesAndSeconds() {
        // The last segment of a file of 2 h 46 min 40.001 s.
        #expect(transcript(10_000_001).subRip.contains("02:46:40,001\n"))
        #expect(transcript(10_000_001).webVTT.contains("02:46:40.001\n"))
    }

    @Test func segmentsFollowEachOther() {
        let blocks = transcript(25_000).webVTT.split(separator: "\n\n").dropFirst()
        #expect(
            blocks.map { $0.prefix(29) } == [
                "00:00:00.000 --> 00:00:10.000", "00:00:10.000 --> 00:00:20.000", "00:00:20.000 --> 00:00:25.000",
            ])
    }

    @Test func subtitlesAreNumbered() {
        let blocks = transcript(25_000).subRip.split(separator: "\n\n")
        #expect(blocks.map { $0.prefix(2) } == ["1\n", "2\n", "3\n"])
    }

    @Test func segmentsAreBounded() throws {
        let segments = Document(Array(written { transcript(.max / 1000).appendSegments(to: &$0) }.utf8))
        #expect(segments.count == 1000)
    }

    @Test func eventsEndWithTheText() {
        let data = events(transcript(1000).events(.standard).flatMap { $0 })
        #expect(data.count == 4)
        #expect(Document(Array(data[2].utf8))["text"].string == "the gateway")
    }

    @Test func usageIsNotStatedOnRequest() {
        var behaviour = Behaviour.standard
        behaviour.usage = .none
        let data = events(transcript(1000).events(behaviour).flatMap { $0 })
        #expect(!Document(Array(data[2].utf8)).has("usage"))
    }
}
