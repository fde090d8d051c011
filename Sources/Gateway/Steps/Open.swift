import Clocks
import Policy

extension RequestPipeline {
    /// Enters the request in the journal, before it can cost anything: the death of the process at any later moment loses
    /// nothing of it.
    ///
    /// The journal gets the bill of a request that is never answered.
    @inline(never)
    func open(_ admission: Admission) throws(RequestFailure) {
        if isCancelled {
            giveBack(admission)
            throw .cancelled(wasSent: false)
        }
        let sent = bill(.sent, of: details, at: details.started)
        guard let key = details.key else { preconditionFailure("an open request has a key") }
        var record = details.record(sent, of: key)
        record.countsAsRequest = true
        guard let slot = gateway.usage.begin(record) else {
            giveBack(admission)
            throw .storeUnavailable
        }
        openRequest = OpenRequest(slot, admission.reservation.take())
    }

    /// Gives back what the request holds: it was not sent.
    func giveBack(_ admission: Admission) {
        guard let reservation = admission.reservation.take() else { return }
        let now = gateway.clock.limitTime
        _ = gateway.limiter.settle(reservation, .nothing, at: now)
        gateway.queue.admit(at: now)
    }
}
