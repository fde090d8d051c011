import Foundation
import Glibc
import Logging
import Policy
import Settings
import Synchronization
import Transport
import UnixSignals

/// Obeys signals and successors for as long as the gateway runs, and tells the service manager.
final class GatewaySupervisor: Sendable {
    private enum Occasion {
        case signal(UnixSignal)
        /// The process with this id serves now.
        case handedOver(Int32)
    }

    private let process: GatewayProcess
    private let logRules: LogRules
    private let log: Logger
    private let load: @Sendable () throws -> Configuration
    private let manager = ServiceManager(path: ProcessInfo.processInfo.environment["NOTIFY_SOCKET"])
    private let occasions = AsyncStream.makeStream(of: Occasion.self)
    private let handover = Mutex<HandoverServer?>(nil)
    private let reloading = Mutex(())

    /// - Parameter load: Reads the configuration again.
    init(
        _ process: GatewayProcess, logRules: LogRules, log: Logger,
        load: @escaping @Sendable () throws -> Configuration
    ) {
        self.process = process
        self.logRules = logRules
        self.log = log
        self.load = load
    }

    /// Tells `predecessor` and the service manager that the gateway serves, and waits for a successor from now on.
    func start(after predecessor: Predecessor?) {
        do {
            try predecessor?.replaced()
        } catch {
            log.warning("the gateway before this one has ended early: \(error)")
        }
        let occasions = occasions.continuation
        let source = GatewayHandover(process: process, predecessor: predecessor) { occasions.yield(.handedOver($0)) }
        do throws(SystemError) {
            let server = try HandoverServer(source, in: process.running.current.data, log: log)
            handover.withLock { $0 = server }
        } catch {
            log.warning("no successor can take over from this gateway: \(error)")
        }
        process.reloads.open { [weak self] in
            guard let self else { throw CancellationError() }
            return try reload()
        }
        manager.ready()
    }

    /// Handles signals: SIGHUP reloads and reopens the access log, SIGUSR1 reopens it, SIGUSR2 starts a successor, SIGTERM and
    /// SIGINT drain, a second one cuts connections at once.
    func obey(_ signals: UnixSignalsSequence) async {
        let occasions = occasions
        Task { for await signal in signals { occasions.continuation.yield(.signal(signal)) } }
        await withTaskGroup(of: Void.self) { group in
            var isEnding = false
            for await occasion in occasions.stream {
                switch occasion {
                case .signal(.sigusr1): process.reopenAccessLog()
                case .signal(.sighup) where !isEnding: _ = try? reload()  // The log has the error.
                case .signal(.sigusr2) where !isEnding: SuccessorLaunch.start(log: log)
                case .signal(.sighup), .signal(.sigusr2): log.warning("this gateway ends: the signal has no effect")
                case .signal where isEnding: group.cancelAll()
                case .signal, .handedOver:
                    isEnding = true
                    end(for: occasion, in: &group)
                }
            }
        }
    }

    private func end(for occasion: Occasion, in group: inout TaskGroup<Void>) {
        // Listeners that are closed from now on would be opened again.
        process.reloads.close()
        handover.withLock { $0?.cancel() }
        let timeout = process.running.current.limits.drainTimeout
        if case .handedOver(let successor) = occasion {
            manager.mainProcess(is: successor)
            log.notice("the successor serves", metadata: ["process": "\(successor)", "timeout": "\(timeout)"])
        } else {
            manager.stopping()
            log.info("draining", metadata: ["timeout": "\(timeout)"])
        }
        group.addTask { [process, log] in
            if case .handedOver = occasion {
                await process.retire(timeout: timeout)
            } else {
                await process.drain(timeout: timeout)
            }
            log.info("ended")
            Glibc.exit(0)
        }
    }

    /// Reloads for a signal or for the admin API, one after the other.
    private func reload() throws -> ReloadReport {
        try reloading.withLock { _ in
            manager.reloading()
            defer { manager.ready() }
            log.info("reloading the configuration")
            process.reopenAccessLog()
            do {
                let report = try process.reload(load())
                logRules.use(report.configuration)
                self.report(report)
                return report
            } catch {
                process.events.report(
                    Event(at: process.time.now, .configurationRefused, "configuration", detail: "\(error)"))
                throw error
            }
        }
    }

    private func report(_ report: ReloadReport) {
        log.report(report.warnings)
        for member in report.changes.deferred {
            log.warning("a changed member takes effect at the next start", metadata: ["member": "\(member)"])
        }
        let facts = [("changed", report.changes.applied), ("certificates", report.renewed)]
        process.events.report(
            Event(
                at: process.time.now, .configurationReloaded, "configuration",
                facts: facts.compactMap { name, values in
                    values.isEmpty ? nil : Event.Fact(name, .text(values.joined(separator: ", ")))
                }))
        warnOfUnlistedNames(report.configuration)
    }

    /// Warns of tiers and teams that keys have and `configuration` does not.
    func warnOfUnlistedNames(_ configuration: Configuration) {
        for name in configuration.policies.unlistedNames(of: process.storage.keys.keys.unordered) {
            log.warning("\(name)")
        }
    }
}
