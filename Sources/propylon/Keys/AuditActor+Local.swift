import Foundation
import Store

extension AuditActor {
    /// The user of the operating system who runs this command, and who became that user with sudo.
    static var local: AuditActor {
        let user = ProcessInfo.processInfo.userName
        let before = ProcessInfo.processInfo.environment["SUDO_USER"].flatMap { $0 == user ? nil : " (\($0))" }
        return AuditActor(name: "local:\(user)\(before ?? "")", origin: "cli")
    }
}
