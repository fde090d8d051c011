import Foundation
import Loopback
import Testing

@testable import Transport

/// Against the openssl command as the other end.
@Suite struct OpenSSLToolTests {
    private let files = TestAuthority.shared

    private func start(_ arguments: [String]) throws -> (process: ChildProcess, input: FileHandle, output: FileHandle) {
        let (input, output) = (Pipe(), Pipe())
        // An inherited writing end would keep its reader from seeing the end.
        for end in [input.fileHandleForWriting, output.fileHandleForWriting] {
            #expect(fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0)
        }
        let process = try ChildProcess(
            "openssl", arguments, input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor)
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        return (process, input.fileHandleForWriting, output.fileHandleForReading)
    }

    private func makeNonBlocking(_ descriptor: Int32) {
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
    }

    /// Lets `s_client` connect to a server session, send a question and read to the end. Returns what it printed.
    ///
    /// - Parameter takesCommands: letters at the beginning of what it is told are commands, and it leaves when it is
    ///   told no more.
    private func talkToClient(
        _ server: TLSContext, _ options: [String], takesCommands: Bool = false,
        _ talk: (TLSSession, Int32, FileHandle) throws -> Void
    ) throws -> String {
        let listener = TestListener()
        let client = try start(
            [
                "s_client", "-connect", "127.0.0.1:\(listener.port)", "-servername", "gateway.test", "-CAfile",
                files.authority,
            ]
                + ["-verify_return_error", "-verify_hostname", "gateway.test"]
                + (takesCommands ? [] : ["-ign_eof"]) + options)
        let descriptor = listener.accept()
        defer { close(descriptor) }
        makeNonBlocking(descriptor)
        let session = TLSSession(server, descriptor: descriptor, serverName: nil)
        try client.input.write(contentsOf: Data("question\n".utf8))
        do {
            try talk(session, descriptor, client.input)
        } catch {
            client.process.kill()
            throw error
        }
        try client.input.close()
        shutdown(descriptor, Int32(SHUT_RDWR))
        let output = try client.output.readToEnd() ?? Data()
        client.process.wait()
        return String(decoding: output, as: UTF8.self)
    }

    private func answer(_ session: TLSSession, _ descriptor: Int32, _: FileHandle) throws {
        #expect(try Steps.complete(on: descriptor) { try session.handshake() } == .done(0))
        #expect(try Steps.read(9, from: session, on: descriptor) == Array("question\n".utf8))
        try Steps.write(Array("answer\n".utf8), to: session, on: descriptor)
        #expect(try Steps.complete(on: descriptor) { try session.sendCloseNotify() } == .done(0))
    }

    @Test(arguments: [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")])
    func clientsOfBothVersions(option: String, version: String) throws {
        let output = try talkToClient(.testServer(), [option, "-alpn", "h2,http/1.1"]) { session, descriptor, input in
            try answer(session, descriptor, input)
            #expect(session.negotiatedVersion == version)
        }
        #expect(output.contains("answer\n"))
        #expect(output.contains("ALPN protocol: http/1.1"))
        #expect(output.contains("Verify return code: 0 (ok)"))
        #expect(output.contains("Compression: NONE"))
    }

    @Test func clientsOfTLS11AreRefused() throws {
        #expect(throws: TLSError.self) {
            _ = try talkToClient(.testServer(), ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]) {
                session, descriptor, _ in
                _ = try Steps.complete(on: descriptor) { try session.handshake() }
            }
        }
    }

    @Test func clientsOfOtherProtocolsAreRefused() throws {
        #expect(throws: TLSError.handshake("no application protocol")) {
            _ = try talkToClient(.testServer(), ["-alpn", "h2"]) { session, descriptor, _ in
                _ = try Steps.complete(on: descriptor) { try session.handshake() }
            }
        }
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func clientsWithCertificateAreAccepted(option: String) throws {
        let server = try TLSContext.testServer(clientCAFile: files.authority)
        let output = try talkToClient(
            server, [option, "-cert", files.certificate("client"), "-key", files.key("client")], answer)
        #expect(output.contains("answer\n"))
        #expect(output.contains("CN = ca"), "the server names the authorities that it accepts")
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func clientsWithCertificateResume(option: String) throws {
        let server = try TLSContext.testServer(clientCAFile: files.authority)
        let ticket = files.folder + "/ticket\(option)"
        let options = [option, "-cert", files.certificate("client"), "-key", files.key("client")]
        _ = try talkToClient(server, options + ["-sess_out", ticket]) { session, descriptor, input in
            try answer(session, descriptor, input)
            #expect(!session.isResumed)
        }
        _ = try talkToClient(server, options + ["-sess_in", ticket]) { session, descriptor, input in
            try answer(session, descriptor, input)
            #expect(session.isResumed)
        }
    }

    @Test func theClientAuthorityIsNoPartOfTheServersChain() throws {
        let server = try TLSContext.testServer(clientCAFile: files.authority)
        let output = try talkToClient(
            server, ["-showcerts", "-cert", files.certificate("client"), "-key", files.key("client")], answer)
        #expect(output.components(separatedBy: "BEGIN CERTIFICATE").count == 2, "one certificate was sent")
    }

    @Test(arguments: ["server", "self-signed"])
    func clientsWithAnotherCertificateAreRefused(name: String) throws {
        let server = try TLSContext.testServer(clientCAFile: name == "server" ? files.otherAuthority : files.authority)
        do {
            _ = try talkToClient(server, ["-cert", files.certificate(name), "-key", files.key(name)]) {
                session, descriptor, _ in
                _ = try Steps.complete(on: descriptor) { try session.handshake() }
            }
            Issue.record("the client was accepted")
        } catch TLSError.certificate(let reason) {
            #expect(reason.contains("client"))
        }
    }

    @Test func renegotiationIsRefused() throws {
        _ = try talkToClient(.testServer(), ["-tls1_2"], takesCommands: true) { session, descriptor, input in
            #expect(try Steps.complete(on: descriptor) { try session.handshake() } == .done(0))
            #expect(try Steps.read(9, from: session, on: descriptor) == Array("question\n".utf8))
            let bytesBefore = session.bytesWrittenToDescriptor
            // At the beginning of what s_client reads, R asks it to renegotiate.
            try input.write(contentsOf: Data("R\n".utf8))
            #expect(throws: TLSError.self) { try Steps.read(1, from: session, on: descriptor) }
            #expect(session.bytesWrittenToDescriptor - bytesBefore < 64, "an alert, and no handshake")
        }
    }

    /// Starts `s_server`, which answers every connection with a page about it, and returns when it listens.
    private func startServer(_ options: [String]) throws -> (process: ChildProcess, port: UInt16) {
        let server = try start(
            [
                "s_server", "-accept", "127.0.0.1:0", "-cert", files.certificate("server"), "-key", files.key("server"),
                "-www",
            ]
                + options)
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") || !line.starts(with: "ACCEPT".utf8) {
            if line.last == UInt8(ascii: "\n") { line.removeAll() }
            line += try #require(try server.output.read(upToCount: 1))
        }
        // ACCEPT 127.0.0.1:12345
        let digits = String(decoding: line.dropLast(), as: UTF8.self).split(separator: ":").last ?? ""
        return (server.process, try #require(UInt16(digits)))
    }

    @Test(arguments: [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")])
    func serversOfBothVersionsWithResumption(option: String, version: String) throws {
        let server = try startServer([option, "-alpn", "http/1.1"])
        defer { server.process.kill() }
        let context = try TLSContext.testClient()
        for number in 0..<3 {
            let descriptor = TestDescriptors.connect(port: server.port)
            defer { close(descriptor) }
            makeNonBlocking(descriptor)
            let session = TLSSession(context, descriptor: descriptor, serverName: "gateway.test")
            #expect(try Steps.complete(on: descriptor) { try session.handshake() } == .done(0))
            try Steps.write(Array("GET / HTTP/1.0\r\n\r\n".utf8), to: session, on: descriptor)
            let page = String(decoding: try Steps.read(.max, from: session, on: descriptor), as: UTF8.self)
            #expect(page.hasPrefix("HTTP/1.0 200"))
            #expect(session.negotiatedVersion == version)
            #expect(session.isResumed == (number > 0), "connection \(number)")
        }
    }

    @Test(arguments: [
        (["-alpn", "h2"], "no application protocol"),
        (["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], "protocol version"),
        (["-tls1_2", "-cipher", "AES128-SHA"], "handshake failure"),
    ])
    func serversThatOfferTooLittleAreRefused(options: [String], complaint: String) throws {
        let server = try startServer(options)
        defer { server.process.kill() }
        let descriptor = TestDescriptors.connect(port: server.port)
        defer { close(descriptor) }
        makeNonBlocking(descriptor)
        let session = TLSSession(try .testClient(), descriptor: descriptor, serverName: "gateway.test")
        do throws(TLSError) {
            while true {
                guard try session.handshake() == .wantsRead else { break }
                do { try Steps.wait(descriptor, for: POLLIN) } catch { break }
            }
            Issue.record("the server was accepted")
        } catch {
            guard case .handshake(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains(complaint))
        }
    }
}
