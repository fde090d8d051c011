import Foundation
import Policy
import Testing

@testable import Settings

/// What `form` makes of `text`; nil where it refuses it.
func value<Value>(_ text: String, _ form: ValueFormat<Value>) -> Value? {
    try? form.read(text)
}

/// What `form` suggests in place of `text`, which it refuses.
func suggestion<Value>(_ text: String, _ form: ValueFormat<Value>) -> String? {
    do throws(ParseProblem) {
        _ = try form.read(text)
        return nil
    } catch { return error.suggestion }
}

/// The error with which `form` refuses `text`.
func message<Value>(_ text: String, _ form: ValueFormat<Value>) -> String? {
    do throws(ParseProblem) {
        _ = try form.read(text)
        return nil
    } catch { return error.message }
}

@Suite struct ValueFormatTests {
    @Test func booleansAreTrueOrFalse() {
        #expect(value("true", .boolean) == true)
        #expect(value("false", .boolean) == false)
        for (text, meant) in [("yes", "true"), ("ON", "true"), ("no", "false"), ("0", "false"), ("maybe", nil)] {
            #expect(value(text, .boolean) == nil)
            #expect(suggestion(text, ValueFormat<Bool>.boolean) == meant)
        }
    }

    @Test func choicesAreTheirWords() {
        #expect(value("stop", ValueFormat<Tier.Overrun>.choice) == .stop)
        #expect(value("Stop", ValueFormat<Tier.Overrun>.choice) == nil)
        #expect(suggestion("Stop", ValueFormat<Tier.Overrun>.choice) == "stop")
        #expect(suggestion("finsih", ValueFormat<Tier.Overrun>.choice) == "finish")
        let problem = #expect(throws: ParseProblem.self) { try ValueFormat<Configuration.LogFormat>.choice.read("xml") }
        #expect(problem?.message == "must be json or text")
    }

    @Test func timeZonesAreThoseOfTheDataBase() {
        #expect(value("Europe/Paris", .timeZone)?.identifier == "Europe/Paris")
        #expect(value("UTC", .timeZone)?.secondsFromGMT() == 0)
        #expect(value("Europe/Pariss", .timeZone) == nil)
        #expect(suggestion("Europe/Pariss", ValueFormat<TimeZone>.timeZone) == "Europe/Paris")
        #expect(suggestion("europe/paris ", ValueFormat<TimeZone>.timeZone) == "Europe/Paris")
        #expect(value("Mars/Olympus", .timeZone) == nil)
    }

    @Test func headerNamesAreFreeTokens() {
        #expect(value("X-User", .freeHeaderName) == "x-user")
        for text in ["x user", "x:user", "é", "Authorization", "host", "Content-Length", "x-api-key", "Api-Key"] {
            #expect(value(text, .freeHeaderName) == nil)
        }
    }

    @Test func namesForHeadersAreBoundedASCII() {
        #expect(value("gate 1", .printable(limit: 6)) == "gate 1")
        for text in ["gate 12", "gé", "a\nb", "a\u{7F}"] { #expect(value(text, .printable(limit: 6)) == nil) }
    }

    @Test func secretsForHeadersHoldNoSpaceOrLineEnd() {
        #expect(value("sk-1_/+=", .headerSecret) == Secret("sk-1_/+="))
        for text in ["a b", "a\nb", "a\r", "é"] { #expect(value(text, .headerSecret) == nil) }
    }

    @Test func upstreamKeysAreNoWords() {
        for text in ["123456789012", "sk-1_/+=abcd", ""] { #expect(value(text, .upstreamKey) == Secret(text)) }
        for text in ["12345678901", "k", "12345678901 ", "12345678901é"] { #expect(value(text, .upstreamKey) == nil) }
    }

    @Test func maskIsNoSecret() {
        #expect(value("•••", .secret) == nil)
        #expect(value("•••", .headerSecret) == nil)
        #expect(value("•••", .secretURL) == nil)
        #expect(value("any thing", .secret) == Secret("any thing"))
    }

    @Test func webhooksAreURLs() {
        #expect(value("https://a.example/b?token=c", .secretURL) == Secret("https://a.example/b?token=c"))
        for text in ["a.example/b", "https://a.example/b?c d", "https://a/b#c", "https://a/b?c#d", "mailto:a"] {
            #expect(value(text, .secretURL) == nil)
        }
    }

    @Test func pathsHaveNoZeroByte() {
        #expect(value("/a b/é", .path) == "/a b/é")
        #expect(value("/a\0b", .path) == nil)
    }
}
