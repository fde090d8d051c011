import Testing

@testable import Settings

@Suite struct ListenersTests {
    @Test func oneAddressOrAListOrAMapping() throws {
        #expect(try load("listen: 0.0.0.0:80").0.listen == [ListenAddress(host: "0.0.0.0", port: 80)])
        #expect(try load("listen: {address: \"[::]:80\"}").0.listen == [ListenAddress(host: "::", port: 80)])
        let (configuration, _) = try load(
            """
            listen:
              - 127.0.0.1:80
              - address: 0.0.0.0:443
                tls: { certificate: c.pem, key: k.pem }
              - { address: "[::]:443", tls: { certificate: c, key: k, client_ca: a } }
            """)
        #expect(
            configuration.listen == [
                ListenAddress(host: "127.0.0.1", port: 80),
                ListenAddress(host: "0.0.0.0", port: 443, tls: .init(certificate: "c.pem", key: "k.pem")),
                ListenAddress(host: "::", port: 443, tls: .init(certificate: "c", key: "k", clientCA: "a")),
            ])
    }

    @Test(arguments: [
        ("listen: []", "1:9 listen"), ("listen: [1.2.3.4:70000]", "1:10 listen[0]"), ("listen: [~]", "1:10 listen[0]"),
        ("listen: {tls: {certificate: c, key: k}}", "1:9 listen"), ("listen: {address: a}", "1:19 listen.address"),
        ("listen: {address: \"a:1\", tls: {key: k}}", "1:31 listen.tls"),
        ("listen: {address: \"a:1\", tls: yes}", "1:31 listen.tls"),
        ("listen: {address: \"a:1\", port: 1}", "1:26 listen.port"), ("listen: [[\"a:1\"]]", "1:10 listen[0]"),
        ("listen: [{address: \"a:1\", tls: {certificate: c, key: k, ca: a}}]", "1:57 listen[0].tls.ca"),
        ("admin: {listen: [\"127.0.0.1:1\"]}", "1:17 admin.listen"),
    ])
    func impossibleListenersAreErrors(text: String, place: String) {
        #expect(places(text) == [place])
    }

    @Test func adminBeyondThisMachineNeedsAToken() throws {
        #expect(places("admin:\n  listen: 0.0.0.0:81\n") == ["2:11 admin.listen"])
        #expect(issues("admin: {listen: \"0.0.0.0:81\"}")[0].suggestion == "127.0.0.1:81")
        #expect(places("admin: {listen: \"10.0.0.1:81\", token: \"${T:-}\"}") == ["1:17 admin.listen"])
        let (configuration, _) = try load("admin: {listen: \"0.0.0.0:81\", token: t}")
        #expect(configuration.admin == .init(listen: ListenAddress(host: "0.0.0.0", port: 81), token: Secret("t")))
        // One error for one fault: the token is there, but wrong.
        #expect(places("admin: {listen: \"0.0.0.0:81\", token: \"a b\"}") == ["1:38 admin.token"])
    }

    @Test func listenersMustDiffer() {
        #expect(places("listen: [\"a:1\", \"a:2\", \"a:1\"]") == ["1:24 listen[2]"])
        #expect(places("listen: a:1\nadmin: {listen: \"127.0.0.1:8080\"}\n").isEmpty)
        #expect(places("admin:\n  listen: 127.0.0.1:8080\n") == ["2:11 admin.listen"])
        #expect(places("listen: 127.0.0.1:8081\n") == ["1:1 admin.listen"])
        #expect(places("listen: [\"a:0\", \"a:0\"]").isEmpty)
    }
}
