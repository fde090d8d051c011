import Clocks
import Foundation
import Testing

@testable import Telemetry

/// The JSON encoding of OTLP.
@Suite struct ExportRequestTests {
    private static func context(_ span: UInt64, _ flags: TraceContext.Flags = .sampled) throws -> TraceContext {
        TraceContext(
            try #require(TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)), try #require(SpanID(span)),
            flags)
    }

    private static func request(_ name: String = "propylon") -> ExportRequest {
        var resource = Attributes()
        resource.add("service.name", name)
        return ExportRequest(resource: resource, scope: "propylon", version: "1.2.3")
    }

    private static func span(_ name: String = "chat m", _ attributes: Attributes = Attributes()) throws -> TraceSpan {
        TraceSpan(
            name, .server, try context(1), parent: nil, isParentRemote: false, from: Timestamp(seconds: 1),
            to: Timestamp(seconds: 2), attributes, hasFailed: false)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func parsed(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func spans(_ bytes: [UInt8]) throws -> [[String: Any]] {
        let resources = try #require(try parsed(bytes)["resourceSpans"] as? [[String: Any]])
        try #require(resources.count == 1)
        let scopes = try #require(resources[0]["scopeSpans"] as? [[String: Any]])
        try #require(scopes.count == 1)
        return try #require(scopes[0]["spans"] as? [[String: Any]])
    }

    @Test func oneSpanToTheByte() throws {
        var attributes = Attributes()
        attributes.add("gen_ai.request.model", "gpt-oss:120b")
        attributes.add("http.response.status_code", Int64(502))
        attributes.add("gen_ai.request.stream", true)
        attributes.add("gen_ai.response.time_to_first_chunk", 1_250_000, places: 6)
        let span = TraceSpan(
            "chat gpt-oss:120b", .client, try Self.context(0xb7ad_6b71_6920_3331, [.sampled, .random]),
            parent: SpanID(0x10), isParentRemote: true, from: Timestamp(microseconds: 1_795_428_000_000_001),
            to: Timestamp(microseconds: 1_795_428_001_000_000), attributes, hasFailed: true)
        #expect(
            text(Self.request().body([span])) == """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"propylon"}}]},\
                "scopeSpans":[{"scope":{"name":"propylon","version":"1.2.3"},"spans":[\
                {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",\
                "parentSpanId":"0000000000000010","flags":771,"name":"chat gpt-oss:120b","kind":3,\
                "startTimeUnixNano":"1795428000000001000","endTimeUnixNano":"1795428001000000000","attributes":[\
                {"key":"gen_ai.request.model","value":{"stringValue":"gpt-oss:120b"}},\
                {"key":"http.response.status_code","value":{"intValue":"502"}},\
                {"key":"gen_ai.request.stream","value":{"boolValue":true}},\
                {"key":"gen_ai.response.time_to_first_chunk","value":{"doubleValue":1.25}}\
                ],"status":{"code":2}}]}]}]}
                """)
    }

    @Test func theFirstSpanHasNoParent() throws {
        let span = try #require(try spans(Self.request().body([Self.span()])).first)
        #expect(span["parentSpanId"] == nil)
        #expect(span["status"] == nil)
        #expect(span["flags"] as? Int == 0x101)
        #expect(span["kind"] as? Int == 2)
    }

    @Test func whatIsNotKnownIsLeftOut() {
        var attributes = Attributes()
        attributes.add("a", nil as String?)
        attributes.add("b", nil as Int64?)
        attributes.add("c", nil, places: 6)
        #expect(attributes == Attributes())
    }

    /// Names of models come from clients.
    @Test(arguments: [#"a"b\c"#, "line\nend\r\t\u{0}\u{1F}", "né☃𝄞\u{2028}", String(repeating: "x", count: 5000), ""])
    func textsAreKept(model: String) throws {
        var attributes = Attributes()
        attributes.add("gen_ai.request.model", model)
        let body = Self.request(model).body([try Self.span(model, attributes), try Self.span()])
        let found = try spans(body)
        try #require(found.count == 2)
        #expect(found[0]["name"] as? String == model)
        let pairs = try #require(found[0]["attributes"] as? [[String: Any]])
        #expect((pairs[0]["value"] as? [String: String])?["stringValue"] == model)
    }

    @Test(arguments: [
        (Int64(0), "0"), (-1, "0"), (.min, "0"), (1, "1000"), (9_223_372_036_854_775, "9223372036854775000"),
        (.max, "18446744073709551615"),
    ])
    func momentsAreNanoseconds(microseconds: Int64, nanoseconds: String) throws {
        var span = try Self.span()
        span.start = Timestamp(microseconds: microseconds)
        let found = try #require(try spans(Self.request().body([span])).first)
        #expect(found["startTimeUnixNano"] as? String == nanoseconds)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max]) func wholeNumbersAreTexts(number: Int64) throws {
        var attributes = Attributes()
        attributes.add("n", number)
        let found = try #require(try spans(Self.request().body([Self.span("s", attributes)])).first)
        let pairs = try #require(found["attributes"] as? [[String: Any]])
        #expect((pairs[0]["value"] as? [String: String])?["intValue"] == String(number))
    }
}
