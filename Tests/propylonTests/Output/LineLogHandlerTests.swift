import Clocks
import Foundation
import Logging
import ManualTime
import Settings
import Testing

@testable import propylon

@Suite struct LineLogHandlerTests {
    private let time = ManualTime(wall: Timestamp(microseconds: 1_795_428_000_123_456))

    private static func rules(_ zone: String = "Europe/Paris", level: String = "info") -> LogRules {
        LogRules(settings(zone, level))
    }

    private static func settings(_ zone: String, _ level: String = "info") -> Configuration {
        try! configuration("time_zone: \(zone)\nlog: { level: \(level) }\n")
    }

    private func line(
        _ format: Configuration.LogFormat, _ message: Logger.Message, metadata: Logger.Metadata = [:],
        own: Logger.Metadata = [:], rules: LogRules = rules()
    ) -> String {
        var handler = LineLogHandler(rules, format: format, time: time)
        for (name, value) in own { handler[metadataKey: name] = value }
        return handler.line(
            LogEvent(
                level: .warning, message: message, metadata: metadata, source: "test", file: "f", function: "g", line: 1
            ))
    }

    @Test func textIsALineForPeople() {
        #expect(
            line(.text, "rows are late", metadata: ["rows": "3", "cause": "locked"])
                == "2026-11-23T11:00:00.123+01:00 warning rows are late cause=locked rows=3")
    }

    /// Times of the metadata follow the format too, those in a message's words do not.
    @Test func momentsAreOfTheZoneInTextAndOfUTCInJSON() {
        let end = Timestamp(seconds: 1_784_887_200)
        #expect(
            line(.text, "keys expire", metadata: ["expires_at": .moment(end), "keys": "2"])
                .hasSuffix(" keys expire expires_at=2026-07-24T12:00:00+02:00 keys=2"))
        #expect(
            line(.json, "keys expire", metadata: ["expires_at": .moment(end)])
                .contains(#""expires_at":"2026-07-24T10:00:00Z""#))
    }

    @Test func aReloadChangesTheZoneOfEveryLogger() {
        let rules = Self.rules()
        time.advance(by: .seconds(-123 * 86_400))
        #expect(line(.text, "m", rules: rules).hasPrefix("2026-07-23T12:00:00.123+02:00 "))
        rules.use(Self.settings("Asia/Kolkata"))
        #expect(line(.text, "m", rules: rules).hasPrefix("2026-07-23T15:30:00.123+05:30 "))
        #expect(line(.json, "m", rules: rules).contains(#""time":"2026-07-23T10:00:00.123Z""#))
    }

    @Test func jsonHasSortedMembers() {
        #expect(
            line(.json, "rows are late", metadata: ["rows": "3"])
                == #"{"level":"warning","message":"rows are late","rows":"3","time":"2026-11-23T10:00:00.123Z"}"#)
    }

    @Test func jsonIsOneLineWhateverTheMessage() throws {
        let text = line(.json, "a\nb \"c\" é \u{2028}", metadata: ["k\n": "\u{1}"])
        #expect(!text.contains("\n"))
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
        #expect(object["message"] == "a\nb \"c\" é \u{2028}")
        #expect(object["k\n"] == "\u{1}")
    }

    /// Values of the metadata come from clients and peers: each keeps its own place in the line, and is quoted once.
    @Test(arguments: [
        ("tts-1", "tts-1", #""tts-1""#), ("a b", #""a b""#, #""a b""#), ("", #""""#, #""""#),
        (#"a"b"#, #""a\"b""#, #""a\"b""#), ("a=b", #""a=b""#, #""a=b""#), ("a\nb", #""a\nb""#, #""a\nb""#),
    ])
    func valuesAreQuotedOnce(value: String, text: String, json: String) {
        #expect(line(.text, "m", metadata: ["model": "\(value)"]).hasSuffix(" m model=\(text)"))
        #expect(line(.json, "m", metadata: ["model": "\(value)"]).contains(#""model":\#(json)"#))
    }

    @Test func metadataOfTheMessageWins() {
        let text = line(.text, "m", metadata: ["a": "1"], own: ["a": "0", "b": "2"])
        #expect(text.hasSuffix(" m a=1 b=2"))
    }

    @Test(arguments: Configuration.LogLevel.allCases) func levelsAreThoseOfSwiftLog(level: Configuration.LogLevel) {
        #expect(LineLogHandler(Self.rules(level: level.rawValue), format: .text).logLevel.rawValue == level.rawValue)
    }

    @Test func aReloadChangesTheLevelOfEveryLogger() {
        let rules = Self.rules()
        var own = LineLogHandler(rules, format: .text)
        let other = own
        rules.use(Self.settings("Europe/Paris", "error"))
        #expect(other.logLevel == .error)
        own.logLevel = .debug
        #expect(own.logLevel == .debug)
        #expect(other.logLevel == .error)
    }

    @Test func theConfiguredFormatWins() {
        #expect(Configuration.LogFormat.chosen(.json) == .json)
        #expect(Configuration.LogFormat.chosen(.text) == .text)
    }
}
