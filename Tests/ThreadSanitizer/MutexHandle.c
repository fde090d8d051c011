// The way of `Synchronization.Mutex` where it has to wait, for programs under the thread sanitizer alone.
//
// A free mutex is taken by an atomic operation in the code that calls `withLock`, which the sanitizer sees. One that is held is
// taken in the standard library, by the kernel (futex(2), FUTEX_LOCK_PI), of which it sees nothing: everything that the lock
// guards would be reported as a race. The linker prefers this definition to the library's. It takes the mutex by the same atomic
// operation as the caller, so that it is never marked as waited for, and no unlocking needs the kernel.

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

/// `_MutexHandle._lockSlow(_:)`: takes the mutex at `handle`, a word that has the number of the thread that holds it.
__attribute__((swiftcall)) void $s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF(
    uint32_t thread, __attribute__((swift_context)) _Atomic(uint32_t) *handle) {
    for (uint32_t nobody = 0; !atomic_compare_exchange_weak_explicit(
             handle, &nobody, thread, memory_order_acquire, memory_order_relaxed);
         nobody = 0) {
        sched_yield();
    }
}
