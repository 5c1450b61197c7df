package dev.millrace.dashboard;

/** A request that asks for what cannot be: its sender must ask otherwise. */
final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    BadRequestException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
