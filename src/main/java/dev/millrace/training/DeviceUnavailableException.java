package dev.millrace.training;

/** The device asked for is not there, or the native library for it does not fit. The message says what was found. */
public final class DeviceUnavailableException extends IllegalStateException {
    DeviceUnavailableException(String message) {
        super(message);
    }
}
