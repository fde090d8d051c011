import Clocks
import Foundation
import Loopback
import Settings
import Testing
import Transport

@testable import propylon

/// Certificates made with the openssl command, each valid for some days from now on.
struct TestCertificates {
    let folder: TemporaryFolder

    func certificate(_ name: String) -> String { "\(folder.path)/\(name).pem" }
    func key(_ name: String) -> String { "\(folder.path)/\(name).key" }

    /// Makes the files of `name`: a certificate that signs itself, and its key.
    @discardableResult
    func make(_ name: String, days: Int = 30) throws -> String {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "\(days)",
            "-subj", "/CN=\(name)", "-keyout", key(name), "-out", certificate(name),
        ]
        #expect(try ChildProcess("openssl", arguments).wait() == 0)
        return certificate(name)
    }

    /// Writes the certificates of `names` into one file.
    func bundle(_ names: String..., as file: String) throws -> String {
        try folder.write(
            names.map { try String(contentsOfFile: certificate($0), encoding: .utf8) }.joined(), to: file)
    }

    /// The files of a listener with the certificate of `name`.
    func listenerFiles(_ name: String, clientCA: String? = nil) throws -> [CertificateFile] {
        let tls = ListenAddress.TLS(certificate: certificate(name), key: key(name), clientCA: clientCA)
        let context = try TLSContext.server(certificateFile: tls.certificate, keyFile: tls.key, clientCAFile: clientCA)
        return CertificateFile.files(of: ListenAddress(host: "127.0.0.1", port: 8443, tls: tls), context)
    }

    /// The file of the upstream's authorities.
    func upstreamFiles(_ path: String) throws -> [CertificateFile] {
        CertificateFile.files(ofUpstream: path, try TLSContext.client(caFile: path))
    }
}
