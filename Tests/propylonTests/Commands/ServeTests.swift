import ArgumentParser
import Settings
import Testing

@testable import propylon

@Suite struct ServeTests {
    @Test func withoutOptions() throws {
        let command = try Serve.parse([])
        #expect(!command.sandbox)
        #expect(command.listen == nil)
        #expect(!command.takeOver)
    }

    @Test func theArgumentsOfASuccessorSayThatItTakesOver() throws {
        let arguments = ["/usr/local/bin/propylon", "serve", "--sandbox"]
        let next = SuccessorLaunch.arguments(arguments)
        #expect(next == arguments + ["--take-over"])
        #expect(SuccessorLaunch.arguments(next) == next)
        let command = try Serve.parse(Array(next.dropFirst(2)))
        #expect(command.takeOver)
        #expect(command.sandbox)
    }

    @Test func listenReplacesAllAddresses() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n", to: "a.yaml")
        let command = try Serve.parse(["--config", file, "--sandbox", "--listen", "[::1]:9"])
        #expect(command.sandbox)
        #expect(try command.load().listen == [ListenAddress(host: "::1", port: 9)])
        #expect(try Serve.parse(["--config", file]).load().listen.count == 2)
    }

    @Test func theAdminListenerCanBeMoved() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("admin: { listen: 127.0.0.1:1 }\n", to: "a.yaml")
        let moved = try Serve.parse(["--config", file, "--admin-listen", "[::1]:9", "--data", "/there"]).load()
        #expect(moved.admin.listen == ListenAddress(host: "::1", port: 9))
        #expect(moved.data == "/there")
        let open = ["--admin-listen", "0.0.0.0:9"]
        #expect {
            try Serve.parse(["--config", file] + open).load()
        } throws: { error in
            (error as? Failure)?.status == .badConfiguration
        }
        let safe = try folder.write("admin: { token: swordfish }\n", to: "b.yaml")
        #expect(try Serve.parse(["--config", safe] + open).load().admin.listen.host == "0.0.0.0")
        let named = try folder.write("admin: { tokens: [{ name: monitoring, token: swordfish }] }\n", to: "c.yaml")
        #expect(try Serve.parse(["--config", named] + open).load().admin.listen.host == "0.0.0.0")
    }

    @Test func theFirstKeyIsShownOnRequest() throws {
        #expect(try !Serve.parse([]).firstKey)
        #expect(try Serve.parse(["--first-key"]).firstKey)
    }

    @Test(arguments: ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", ":80", "a b:80"])
    func otherAddressesAreWrongUsage(text: String) {
        #expect(throws: (any Error).self) { try Serve.parse(["--listen", text]) }
    }

    @Test func theSandboxListensOnItsOwnPort() throws {
        #expect(try SandboxCommand.parse([]).listen == ListenAddress(host: "127.0.0.1", port: 8090))
        #expect(try SandboxCommand.parse(["--listen", "0.0.0.0:1"]).listen == ListenAddress(host: "0.0.0.0", port: 1))
    }
}
