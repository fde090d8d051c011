import Foundation
import Loopback

/// Certificates for the tests, made with the openssl command in a temporary folder that goes away with the process.
struct TestAuthority: Sendable {
    static let shared: TestAuthority = {
        do { return try TestAuthority() } catch { fatalError("the test certificates cannot be made: \(error)") }
    }()

    let folder: String

    /// The authority that signed all but `selfSigned` and what `otherAuthority` is for.
    var authority: String { folder + "/ca.pem" }
    var otherAuthority: String { folder + "/other-ca.pem" }
    func certificate(_ name: String) -> String { "\(folder)/\(name).pem" }
    func key(_ name: String) -> String { "\(folder)/\(name).key" }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("propylon-tls-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        self.folder = folder
        atexit { try? FileManager.default.removeItem(atPath: TestAuthority.shared.folder) }

        try selfSign("ca", "basicConstraints=critical,CA:TRUE", days: 2)
        try selfSign("other-ca", "basicConstraints=critical,CA:TRUE", days: 2)
        try selfSign("self-signed", "subjectAltName=DNS:gateway.test", days: 2)
        let names = "subjectAltName=DNS:gateway.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1"
        try sign("server", names, days: 2)
        // It has expired when it is used: OpenSSL counts the last second as outside.
        try sign("expired", names, days: 0)
        try sign("no-names", "basicConstraints=CA:FALSE", days: 2)
        try sign("client", "extendedKeyUsage=clientAuth", days: 2)
        try openssl("ec", "-in", key("server"), "-aes256", "-passout", "pass:secret", "-out", key("encrypted"))
        try "no certificate\n".write(toFile: certificate("garbage"), atomically: false, encoding: .utf8)
    }

    private func selfSign(_ name: String, _ extension: String, days: Int) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key(name),
            "-out",
            certificate(name), "-days", "\(days)", "-subj", "/CN=\(name)", "-addext", `extension`)
    }

    /// A new file with a certificate for `subject`, as `/CN=name`.
    func selfSigned(subject: String) throws -> String {
        let file = "\(folder)/\(UUID().uuidString).pem"
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-keyout",
            "\(file).key", "-out", file, "-days", "2", "-subj", subject)
        return file
    }

    private func sign(_ name: String, _ extension: String, days: Int) throws {
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key(name), "-out",
            "\(folder)/\(name).csr", "-subj", "/CN=gateway.test")
        try `extension`.write(toFile: "\(folder)/\(name).cnf", atomically: false, encoding: .utf8)
        try openssl(
            "x509", "-req", "-in", "\(folder)/\(name).csr", "-CA", authority, "-CAkey", key("ca"), "-CAcreateserial",
            "-days",
            "\(days)", "-extfile", "\(folder)/\(name).cnf", "-out", certificate(name))
    }

    struct CommandFailed: Error { let arguments: [String] }

    private func openssl(_ arguments: String...) throws {
        guard try ChildProcess("openssl", arguments).wait() == 0 else { throw CommandFailed(arguments: arguments) }
    }
}
