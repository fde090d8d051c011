import Foundation
import Glibc
import Loopback
import Settings
import Testing

@testable import propylon

/// Keys are tried with real servers.
@Suite(.ownThread) struct UpstreamCheckTests {
    private func answers(_ text: String) async throws -> [UpstreamCheck.Answer] {
        try await UpstreamCheck(try configuration(text), sandbox: nil).answers()
    }

    /// A file that is read slowly, as one on a network, holds up no other page of the admin listener.
    @Test func authoritiesAreReadBesideTheLoop() async throws {
        let folder = try TemporaryFolder()
        let path = try TestCertificates(folder: folder).make("authority")
        let upstream = "base_url: \"https://127.0.0.1:1\", api_keys: [upstream-key], ca_file: \(path)"
        let process = try GatewayProcess(
            configuration(in: folder, "upstream: { \(upstream) }\n"), sandbox: false, log: LogRecorder().logger)
        let text = Array(try Data(contentsOf: URL(filePath: path)))
        unlink(path)
        try #require(mkfifo(path, 0o600) == 0)
        let address = process.adminAddress + "/admin/v1/"
        let check = Task { try await send(#require(HTTPCall("POST", address + "upstream/check"))) }
        // It can be opened once somebody reads it, who then waits for its content.
        func openPipe() -> Int32 { open(path, O_WRONLY | O_NONBLOCK) }
        var pipe: Int32 = -1
        #expect(
            await eventually {
                pipe = openPipe()
                return pipe >= 0
            })
        var call = try #require(HTTPCall("GET", address + "status"))
        call.limits.firstByteTimeout = .seconds(20)
        let status = try? await send(call).status
        #expect(status == 200)
        let reader = Task {
            // As often as it is read.
            while !Task.isCancelled {
                if pipe >= 0 {
                    _ = write(pipe, text, text.count)
                    close(pipe)
                }
                try? await Task.sleep(for: .milliseconds(1))
                pipe = openPipe()
            }
        }
        let answer = try await check.value
        reader.cancel()
        #expect(answer.status == 200 && answer.body.contains("no answer"))
        await process.drain(timeout: .seconds(5))
    }

    @Test func eachKeyOfEachUpstreamIsTried() async throws {
        let models = #"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#
        let first = try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: \(models.utf8.count)\r\n\r\n\(models)"), .close,
            ],
            [.readRequest, .send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"), .close],
        ])
        let second = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), .close]
        ])
        let found = try await answers(
            """
            upstream:
              base_url: http://127.0.0.1:\(first.address.port)/llm
              api_keys: [upstream-key-one, upstream-key-two]
              fallbacks: [{ base_url: "http://127.0.0.1:\(second.address.port)" }]
            """)
        #expect(found.map(\.outcome) == [.accepted(models: 2), .refused(status: 401), .accepted(models: nil)])
        #expect(found.map(\.key) == [1, 2, nil])
        let requests = first.requests.withLock { $0 }
        #expect(requests.allSatisfy { $0.hasPrefix("GET /llm/v1/models HTTP/1.1\r\n") })
        #expect(requests.map { $0.contains("authorization: Bearer upstream-key-one\r\n") } == [true, false])
        #expect(second.requests.withLock { $0.first?.contains("authorization") } == false)
        for answer in found { #expect(!"\(answer)".contains("upstream-key")) }
        #expect("\(found[0])" == "http://127.0.0.1:\(first.address.port), key 1: works, 2 models")
        #expect("\(found[1])".hasSuffix("key 2: refused with status 401"))
    }

    @Test func anUpstreamThatIsNotThereIsNamed() async throws {
        let found = try await answers("upstream: { base_url: 'http://127.0.0.1:1', api_keys: [upstream-key-one] }")
        #expect(found.count == 1)
        #expect(found.first?.isAccepted == false)
        #expect("\(found[0])".contains("key 1: no answer: "))
    }

    @Test func theVendorNeedsAKey() throws {
        #expect(throws: StartError.self) { try UpstreamCheck(try configuration("time_zone: UTC"), sandbox: nil) }
    }
}
