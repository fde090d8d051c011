import Clocks
import Foundation
import Testing

@testable import Telemetry

@Suite struct GenAIMetricsTests {
    /// A series as a collector reads it.
    private struct Point {
        let attributes: [String: String]
        let count: String
        let sum: Double
        let counts: [String]
        let bounds: [Double]

        init(_ point: [String: Any]) throws {
            let pairs = try #require(point["attributes"] as? [[String: Any]])
            attributes = try Dictionary(
                uniqueKeysWithValues: pairs.map { pair in
                    let value = try #require((pair["value"] as? [String: String])?["stringValue"])
                    return (try #require(pair["key"] as? String), value)
                })
            count = try #require(point["count"] as? String)
            sum = try #require(point["sum"] as? Double)
            counts = try #require(point["bucketCounts"] as? [String])
            bounds = try #require(point["explicitBounds"] as? [Double])
            #expect(point["startTimeUnixNano"] as? String == "1000000000")
            #expect(point["timeUnixNano"] as? String == "60000000000")
        }
    }

    /// The points of each metric, by its name.
    private func points(_ metrics: GenAIMetrics) throws -> [String: [Point]] {
        let body = ExportRequest(resource: Attributes(), scope: "propylon", version: "1").body(
            metrics.snapshots, since: Timestamp(seconds: 1), at: Timestamp(seconds: 60))
        let root = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        let resource = try #require((root["resourceMetrics"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeMetrics"] as? [[String: Any]])?.first)
        let list = try #require(scope["metrics"] as? [[String: Any]])
        return try Dictionary(
            uniqueKeysWithValues: list.map { metric in
                let histogram = try #require(metric["histogram"] as? [String: Any])
                #expect(histogram["aggregationTemporality"] as? Int == 2)
                let points = try #require(histogram["dataPoints"] as? [[String: Any]])
                return (try #require(metric["name"] as? String), try points.map { try Point($0) })
            })
    }

    private func call() -> GenAIMetrics.Call {
        var call = GenAIMetrics.Call("chat")
        call.requestModel = "gpt-oss:120b"
        call.responseModel = "gpt-oss:120b-v2"
        call.duration = 2_100_000
        call.timeToFirstToken = 100_000
        call.inputTokens = 7
        call.outputTokens = 101
        return call
    }

    @Test func nothingBeforeTheFirstCall() { #expect(GenAIMetrics().snapshots.isEmpty) }

    @Test func aStreamIsInAllFour() throws {
        let metrics = GenAIMetrics()
        metrics.add(call())
        let points = try points(metrics)
        let models = ["gen_ai.request.model": "gpt-oss:120b", "gen_ai.response.model": "gpt-oss:120b-v2"]
        let common = models.merging(["gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"]) { $1 }
        let duration = try #require(points["gen_ai.server.request.duration"]?.first)
        #expect(duration.attributes == common)
        #expect(duration.sum == 2.1)
        #expect(
            duration.bounds == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92])
        #expect(duration.counts == (0...14).map { $0 == 8 ? "1" : "0" })
        let usage = try #require(points["gen_ai.client.token.usage"])
        #expect(usage.map(\.sum) == [7, 101])
        #expect(usage.map { $0.attributes["gen_ai.token.type"] } == ["input", "output"])
        #expect(
            usage[0].bounds == [
                1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
            ])
        #expect(points["gen_ai.server.time_to_first_token"]?.map(\.sum) == [0.1])
        // Two seconds for a hundred tokens after the first one.
        #expect(points["gen_ai.server.time_per_output_token"]?.map(\.sum) == [0.02])
        #expect(points["gen_ai.server.time_per_output_token"]?.map(\.attributes) == [common])
    }

    @Test func aFailureHasItsCauseAndNoTimesOfTokens() throws {
        let metrics = GenAIMetrics()
        var call = call()
        call.error = "upstream_interrupted"
        metrics.add(call)
        let points = try points(metrics)
        #expect(points.keys.sorted() == ["gen_ai.client.token.usage", "gen_ai.server.request.duration"])
        #expect(points["gen_ai.server.request.duration"]?[0].attributes["error.type"] == "upstream_interrupted")
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let metrics = GenAIMetrics()
        metrics.add(GenAIMetrics.Call("embeddings"))
        let points = try points(metrics)
        #expect(points.keys.sorted() == ["gen_ai.server.request.duration"])
        #expect(
            points["gen_ai.server.request.duration"]?[0].attributes == [
                "gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "openai",
            ])
    }

    @Test func oneTokenHasNoTimeBetweenTokens() throws {
        let metrics = GenAIMetrics()
        var call = call()
        call.outputTokens = 1
        metrics.add(call)
        #expect(try points(metrics)["gen_ai.server.time_per_output_token"] == nil)
        #expect(try points(metrics)["gen_ai.server.time_to_first_token"]?.count == 1)
    }

    /// A clock may show the first byte after the end.
    @Test func noTimeIsNegative() throws {
        let metrics = GenAIMetrics()
        var call = call()
        call.timeToFirstToken = call.duration + 5
        metrics.add(call)
        #expect(try points(metrics)["gen_ai.server.time_per_output_token"]?.map(\.sum) == [0])
    }

    @Test func sumsGrow() throws {
        let metrics = GenAIMetrics()
        for _ in 0..<3 { metrics.add(call()) }
        let duration = try #require(try points(metrics)["gen_ai.server.request.duration"])
        #expect(duration.map(\.count) == ["3"])
        #expect(abs(duration[0].sum - 6.3) < 1e-9)
    }

    /// Clients name models: no number of names makes more series than the bound, twice and one.
    @Test func seriesAreBounded() throws {
        let metrics = GenAIMetrics(limit: 10)
        for number in 0..<500 {
            var call = call()
            (call.requestModel, call.responseModel) = ("m\(number)", "r\(number)")
            metrics.add(call)
        }
        let points = try points(metrics)
        #expect(points.count == 4)
        for (name, series) in points {
            #expect(series.count <= 21, "\(name)")
            let total = series.reduce(0) { $0 + (Int($1.count) ?? 0) }
            #expect(total == (name == "gen_ai.client.token.usage" ? 1000 : 500), "\(name)")
        }
    }
}
