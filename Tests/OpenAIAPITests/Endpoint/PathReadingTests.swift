import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct PathReadingTests {
    private func reading(_ path: String) -> PathReading? { PathReading(Array(path.utf8).span) }

    @Test(arguments: [
        ("/v1/a", ["a"]), ("/v1/a/b", ["a", "b"]), ("/v1/a%20b/c", ["a b", "c"]), ("/v1/a//b/", ["a", "", "b", ""]),
        ("/v1/a%2Fb", ["a", "b"]), ("/v1/%C3%A9", ["é"]), ("/v1/", [""]),
    ])
    func segmentsAreDecoded(path: String, segments: [String]) {
        #expect(reading(path)?.segments == segments)
    }

    @Test(arguments: [
        ("/v1/A/b", ["a", "b"]), ("/v1//a///b/", ["a", "b"]), ("/v1/a;x=1/b;y", ["a", "b"]), ("/v1/", []),
        ("/v1/%41", ["a"]),
    ])
    func lenientServersReadLess(path: String, segments: [String]) {
        #expect(reading(path)?.lenientSegments == segments)
    }

    @Test(arguments: [
        ("/v1/a/b", true), ("/v1/A", true), ("/v1/a%20", false), ("/v1/a;b", false), ("/v1/a//b", false),
        ("/v1/a/", false),
    ])
    func plainPathsHaveOneSpelling(path: String, isPlain: Bool) {
        #expect(reading(path)?.isPlain == isPlain)
    }

    @Test(arguments: [
        "/v1/.", "/v1/..", "/v1/a/..", "/v1/%2e", "/v1/%2E%2e/a", "/v1/..;a", "/v1/.;a=b/c", "/v1/a%2F..%2Fb",
        "/v1/a\\b",
        "/v1/a%5Cb", "/v1/a%00", "/v1/a%0A", "/v1/a%7F", "/v1/a\tb", "/v1/%", "/v1/%4", "/v1/%4G", "/v1/%FF",
        "/v1/%C3", "/v1/%2541",
    ])
    func pathsOfTwoMeaningsAreRefused(path: String) {
        #expect(reading(path) == nil)
    }

    /// A combining mark joins the scalar before it to another character, for Swift alone.
    @Test(arguments: ["%CD%91", "%CC%81", "%E2%83%9D", "%EF%B8%8F", "%E2%80%8D"])
    func combiningMarksHideNoSeparator(mark: String) {
        for path in ["/v1/..;\(mark)/a", "/v1/%2e;\(mark)", "/v1/a/\(mark)/..", "/v1/a%2F..;\(mark)x"] {
            #expect(reading(path) == nil, "\(path)")
        }
        #expect(reading("/v1/a/\(mark)/b")?.segments.count == 3)
        #expect(reading("/v1/a;\(mark)x/b")?.lenientSegments == ["a", "b"])
        #expect(reading("/v1/a/\(mark)b")?.segments.first == "a")
    }

    @Test(arguments: ["/v1/...", "/v1/.a", "/v1/a..", "/v1/..a/b", "/v1/a.b"])
    func dotsWithinNamesAreFine(path: String) {
        #expect(reading(path) != nil)
    }

    @Test func randomPathsNeverTrap() {
        var random = SeededGenerator(seed: 51)
        for _ in 0..<5000 {
            let bytes =
                Array("/v1/".utf8)
                + (0..<random.number(0...8)).map { _ in random.pick(Array("%2eF/.;\\aA\u{7F}".utf8)) }
            let reading = PathReading(bytes.span)
            #expect(reading?.segments.contains("..") != true)
        }
    }
}
