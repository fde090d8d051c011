import Foundation
import Policy
import SeededRandom
import Testing

@testable import Settings

/// Every format writes a text that it reads as the same value.
@Suite struct ValueFormatRoundTripTests {
    private func check<Value: Equatable>(_ format: ValueFormat<Value>, _ values: [Value]) {
        for value in values {
            let text = format.write(value)
            #expect((try? format.read(text)) == value, "\(format.form): \(text)")
        }
    }

    @Test func texts() {
        check(.text, ["a", "é 🦉", "${x}", "null"])
        check(.path, ["/a/b c", "./data"])
        check(.printable(limit: 64), ["gateway-1", "a b"])
        check(.freeHeaderName, ["x-user", "x_1"])
    }

    @Test func words() {
        check(.boolean, [true, false])
        check(ValueFormat<Configuration.LogLevel>.choice, Configuration.LogLevel.allCases)
        check(ValueFormat<Configuration.LogFormat>.choice, Configuration.LogFormat.allCases)
        check(ValueFormat<OnDisconnect>.choice, OnDisconnect.allCases)
        check(ValueFormat<ResetFormat>.choice, ResetFormat.allCases)
        check(ValueFormat<Tier.Overrun>.choice, Tier.Overrun.allCases)
    }

    @Test func addresses() throws {
        check(.address, [ListenAddress(host: "::1", port: 1), ListenAddress(host: "localhost", port: 0)])
        check(.url, [.vendor, try UpstreamURL(parsing: "http://[::1]:99/llm")])
        check(.pattern, [NamePattern("gpt-*"), NamePattern("*")])
    }

    @Test func zones() throws {
        let zones = try ["UTC", "Europe/Paris", "Asia/Kathmandu"].map { try #require(TimeZone(identifier: $0)) }
        check(.timeZone, zones)
    }

    @Test func numbers() {
        var generator = SeededGenerator(seed: 71)
        for _ in 0..<300 {
            let shift = generator.number(0...62)
            let number = Int64.random(in: 0 ... .max, using: &generator) >> Int64(shift)
            check(ValueFormat<Int64>.integer(0...Int64.max), [number])
            check(ValueFormat<Int64>.decimal(places: generator.number(1...9), "number"), [number])
            check(.size(0...1 << 40), [generator.number(0...1 << 40) >> (shift % 40)])
            check(.timeout, [.milliseconds(generator.number(1...86_400_000))])
        }
    }

    @Test func secretsAreWrittenAsTheirMask() {
        for format in [ValueFormat<Secret>.secret, .headerSecret, .headerText, .upstreamKey, .secretURL] {
            #expect(format.write(Secret("swordfish")) == Secret.mask)
            #expect(format.isSecret)
        }
    }

    @Test func onlyTextsAreQuoted() {
        #expect(ValueFormat<String>.text.isText)
        #expect(ValueFormat<String>.path.isText)
        #expect(!ValueFormat<Bool>.boolean.isText)
        #expect(!ValueFormat<Int>.size(0...1).isText)
        #expect(!ValueFormat<Duration>.timeout.isText)
        #expect(!ValueFormat<OnDisconnect>.choice.isText)
    }

    @Test func formsNameTheirBounds() {
        #expect(ValueFormat<Int>.integer(0...10).form == "whole number, 0 to 10")
        #expect(ValueFormat<Int64>.integer(1...Int64.max).form == "whole number, at least 1")
        #expect(ValueFormat<Int>.size(1024...1 << 24).form == "size, 1KiB to 16MiB")
        #expect(ValueFormat<Duration>.timeout.form == "duration, 1ms to 1d")
        #expect(ValueFormat<OnDisconnect>.choice.form == "`cancel`, `finish`")
        #expect(
            ValueFormat<Int64>.decimal(places: 9, "number of EUR", isPositive: true).form
                == "number of EUR, more than 0, at most 9 decimals")
    }
}
