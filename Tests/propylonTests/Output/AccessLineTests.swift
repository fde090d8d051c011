import Clocks
import Foundation
import Gateway
import Policy
import Settings
import Telemetry
import Testing

@testable import propylon

@Suite struct AccessLineTests {
    private static let id = RequestID(high: 0x0189_0A5D_AC96_7000, low: 0x8000_0000_0000_0001)

    private func entry(_ change: (inout UsageRecord) -> Void = { _ in }) -> AccessEntry {
        var record = UsageRecord(
            id: Self.id, keyID: "k1", team: nil, endpoint: "chat/completions",
            startedAt: Timestamp(microseconds: 1_795_428_000_123_456))
        record.modelAsked = "m"
        record.modelServed = "m"
        record.status = 200
        change(&record)
        return AccessEntry(
            id: Self.id, startedAt: record.startedAt, duration: .microseconds(12_345),
            client: "192.0.2.1", method: "POST", path: "/v1/chat/completions", userAgent: "OpenAI/Python 1.2",
            status: 200, keyName: "ada", record: record)
    }

    private func line(_ entry: AccessEntry, _ format: Configuration.LogFormat, _ time: TimeText = .paris) -> String {
        var output: [UInt8] = Array("before\n".utf8)
        AccessLine.append(entry, as: format, time, to: &output)
        return String(decoding: output.dropFirst(7), as: UTF8.self)
    }

    @Test func oneJSONObjectALine() {
        let line = line(
            entry { record in
                record.units.inputTokens = 7
                record.units.outputTokens = 3
                record.cost = NanoEuros(36_600)
                record.firstByteAt = record.startedAt + .microseconds(5000)
                record.upstreamID = "chatcmpl-1"
                record.backend = #"{"engine_type":"engo","machine_name":"ma02"}"#
                record.tags = ["a", "b"]
                record.streamed = true
            }, .json)
        #expect(
            line
                == #"{"time":"2026-11-23T10:00:00.123Z","type":"access","request_id":"01890a5d-ac96-7000-8000-000000000001","#
                + #""client":"192.0.2.1","method":"POST","path":"/v1/chat/completions","user_agent":"OpenAI/Python 1.2","#
                + #""status":200,"duration_ms":12.345,"response_bytes":0,"key_name":"ada","key":"k1","tags":["a","b"],"#
                + #""endpoint":"chat/completions","model":"m","ending":"complete","streamed":true,"first_byte_ms":5.000,"#
                + #""request_bytes":0,"prompt_tokens":7,"completion_tokens":3,"exactness":"exact","#
                + #""cost_eur":"0.0000366","upstream_id":"chatcmpl-1","backend":{"engine_type":"engo","machine_name":"ma02"}}"#
                + "\n")
    }

    @Test func theTraceIsAMember() {
        var traced = entry()
        #expect(!line(traced, .json).contains("trace"))
        traced.trace = TraceID(high: 0x0AF7, low: 1)
        #expect(
            line(traced, .json).contains(
                #""request_id":"01890a5d-ac96-7000-8000-000000000001","trace_id":"0000000000000af70000000000000001","client":"#
            ))
        #expect(
            line(traced, .text).hasSuffix(
                " id=01890a5d-ac96-7000-8000-000000000001 trace_id=0000000000000af70000000000000001\n"))
    }

    @Test func theCauseOfAFailureIsAMember() {
        var failed = entry { $0.ending = .upstreamFailed }
        failed.failure = RequestFailure(
            .upstreamHostUnknown, detail: "the host x cannot be resolved: \"no\"",
            limit: LimitName("team:tokens_per_day"),
            wasSent: false, error: nil, ending: .upstreamFailed)
        failed.error = "upstream_unreachable"
        failed.status = 502
        failed.responseBytes = 7
        #expect(
            line(failed, .json).contains(
                #""status":502,"duration_ms":12.345,"response_bytes":7,"error":"upstream_unreachable","#
                    + #""cause":"upstream_host_unknown","detail":"the host x cannot be resolved: \"no\"","#
                    + #""limit":"team:tokens_per_day","key_name":"ada","key":"k1""#))
        #expect(
            line(failed, .text).contains(
                #" 12.345ms client=192.0.2.1 error=upstream_unreachable cause=upstream_host_unknown detail="the host x cannot be resolved: \"no\"" limit=team:tokens_per_day key_name=ada key=k1"#
            ))
        for format in [Configuration.LogFormat.json, .text] {
            let line = line(entry { _ in }, format)
            for name in ["error", "cause", "detail", "limit"] { #expect(!line.contains(name)) }
        }
    }

    @Test func textIsForPeople() {
        let line = line(
            entry { record in
                record.units.audioMinutes = 2
                record.exactness = .estimated
                record.user = "Ada L."
                record.ending = .clientGone
            }, .text)
        #expect(
            line
                == "2026-11-23T11:00:00.123+01:00 200 POST /v1/chat/completions 12.345ms client=192.0.2.1 key_name=ada key=k1 "
                + "user=\"Ada L.\" model=m ending=caller_gone audio_minutes=2 exactness=estimated "
                + "user_agent=\"OpenAI/Python 1.2\" id=01890a5d-ac96-7000-8000-000000000001\n")
    }

    @Test func textHasTheTimeOfTheZoneAndJSONThatOfUTC() {
        let summer = entry { $0.startedAt = Timestamp(microseconds: 1_784_887_200_000_000) }
        #expect(line(summer, .text).hasPrefix("2026-07-24T12:00:00.000+02:00 200 "))
        #expect(line(summer, .text, .utc).hasPrefix("2026-07-24T10:00:00.000Z 200 "))
        #expect(line(summer, .json).hasPrefix(#"{"time":"2026-07-24T10:00:00.000Z","#))
    }

    @Test(arguments: [Configuration.LogFormat.json, .text])
    func whatCallersSendCannotLeaveItsPlace(format: Configuration.LogFormat) throws {
        var hostile = entry { record in
            record.user = "a\u{1B}[31m\"}\n{\"x\":\"é\u{202E}"
            record.modelServed = "m\r\nx=\\"
            record.backend = "no object\n"
        }
        hostile.path = "/v1/\u{7}x y\u{FFFD}\""
        hostile.method = "P\nT"
        hostile.userAgent = "a\tb\u{1B}[2J\u{9B}\u{202E}\"} id=1"
        hostile.keyName = "\u{7F}é\n"
        let line = line(hostile, format)
        #expect(line.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
        if format == .json {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["user"] as? String == hostile.record?.user)
            #expect(object["path"] as? String == hostile.path)
            #expect(object["user_agent"] as? String == hostile.userAgent)
            #expect(object["key_name"] as? String == hostile.keyName)
        }
    }

    @Test func withoutAKeyThereIsALineToo() {
        var anonymous = entry()
        anonymous.record = nil
        (anonymous.keyName, anonymous.userAgent) = (nil, nil)
        anonymous.status = 401
        #expect(line(anonymous, .json).contains(#""status":401,"duration_ms":12.345,"response_bytes":0}"#))
        for format in Configuration.LogFormat.allCases { #expect(!line(anonymous, format).contains("user_agent")) }
    }
}
