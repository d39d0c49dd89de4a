import type { Knex } from 'knex';

const OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

/**
 * In the order of their foreign keys. An index that serves a foreign key has no column that changes: InnoDB checks the
 * parent anew for each new entry, and locks its row, so that every change of a reservation's status would lock its token
 * against the order of locks. Each may run again: a migration cut short by a crash is repeated whole. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS user (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS asset (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    balance BIGINT NOT NULL DEFAULT 0,
    last_entry_id BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY asset_user (user_id),
    CONSTRAINT asset_of_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT asset_balance_not_negative CHECK (balance >= 0)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS asset_entry (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    kind ENUM('CHARGE', 'PAYMENT', 'REFUND') NOT NULL,
    amount BIGINT NOT NULL,
    balance_after BIGINT NOT NULL,
    reference VARCHAR(64) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    UNIQUE KEY asset_entry_reference (reference),
    KEY asset_entry_of_user (user_id, id),
    CONSTRAINT asset_entry_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT asset_entry_balance_not_negative CHECK (balance_after >= 0),
    CONSTRAINT asset_entry_moves_money
      CHECK ((kind = 'PAYMENT' AND amount <= 0) OR (kind <> 'PAYMENT' AND amount > 0))
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS queue (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(63) NOT NULL,
    max_active INT NOT NULL,
    active_seconds INT NOT NULL,
    admit_per_minute INT NULL,
    paused TINYINT(1) NOT NULL DEFAULT 0,
    next_ticket_no BIGINT NOT NULL DEFAULT 1,
    served_ticket_no BIGINT NOT NULL DEFAULT 0,
    waiting_count BIGINT NOT NULL DEFAULT 0,
    next_departure_no BIGINT NOT NULL DEFAULT 1,
    bucket_level DOUBLE NOT NULL DEFAULT 0,
    bucket_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    UNIQUE KEY queue_name (name),
    CONSTRAINT queue_waiting_not_negative CHECK (waiting_count >= 0),
    CONSTRAINT queue_served_was_issued CHECK (served_ticket_no < next_ticket_no)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS waiting_token (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    queue_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    ticket_no BIGINT NOT NULL,
    status ENUM('WAITING', 'ACTIVE', 'USED', 'EXPIRED', 'LEFT') NOT NULL,
    live TINYINT GENERATED ALWAYS AS (IF(status IN ('WAITING', 'ACTIVE'), 1, NULL)) STORED,
    issued_at DATETIME(3) NOT NULL,
    activated_at DATETIME(3) NULL,
    holds_until DATETIME(3) NULL,
    expires_at DATETIME(3) NULL,
    ended_at DATETIME(3) NULL,
    admitted_max_active INT NULL,
    admitted_per_minute INT NULL,
    workflow_started_at DATETIME(3) NULL,
    workflow_claimed_until DATETIME(3) NULL,
    UNIQUE KEY waiting_token_ticket (queue_id, ticket_no),
    UNIQUE KEY waiting_token_one_live (queue_id, user_id, live),
    KEY waiting_token_by_status (queue_id, status, expires_at),
    KEY waiting_token_not_started (status, workflow_started_at),
    KEY waiting_token_of_user (user_id),
    CONSTRAINT waiting_token_queue FOREIGN KEY (queue_id) REFERENCES queue (id),
    CONSTRAINT waiting_token_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT waiting_token_active_has_end CHECK (status <> 'ACTIVE' OR (activated_at IS NOT NULL AND expires_at IS NOT NULL)),
    CONSTRAINT waiting_token_end_is_dated CHECK ((status IN ('WAITING', 'ACTIVE')) = (ended_at IS NULL))
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS queue_departure (
    queue_id BIGINT NOT NULL,
    departure_no BIGINT NOT NULL,
    ticket_no BIGINT NOT NULL,
    PRIMARY KEY (queue_id, departure_no),
    UNIQUE KEY queue_departure_ticket (queue_id, ticket_no),
    CONSTRAINT queue_departure_queue FOREIGN KEY (queue_id) REFERENCES queue (id)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS concert (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    queue_id BIGINT NOT NULL,
    name VARCHAR(200) NOT NULL,
    description VARCHAR(2000) NOT NULL,
    KEY concert_of_queue (queue_id, id),
    CONSTRAINT concert_queue FOREIGN KEY (queue_id) REFERENCES queue (id)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS concert_schedule (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    concert_id BIGINT NOT NULL,
    place VARCHAR(200) NOT NULL,
    reservation_st_date DATETIME(3) NOT NULL,
    reservation_end_date DATETIME(3) NOT NULL,
    concert_date DATETIME(3) NOT NULL,
    KEY concert_schedule_of_concert (concert_id, concert_date),
    CONSTRAINT concert_schedule_concert FOREIGN KEY (concert_id) REFERENCES concert (id),
    CONSTRAINT concert_schedule_sale_before_concert
      CHECK (reservation_st_date < reservation_end_date AND reservation_end_date <= concert_date)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS reservation (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    waiting_token_id BIGINT NOT NULL,
    concert_schedule_id BIGINT NOT NULL,
    status ENUM('HELD', 'PAID', 'EXPIRED', 'CANCELLED') NOT NULL,
    total_price BIGINT NOT NULL,
    currency CHAR(3) NOT NULL,
    reserved_at DATETIME(3) NOT NULL,
    expires_at DATETIME(3) NOT NULL,
    completed_at DATETIME(3) NULL,
    workflow_started_at DATETIME(3) NULL,
    workflow_claimed_until DATETIME(3) NULL,
    KEY reservation_by_deadline (status, expires_at),
    KEY reservation_of_user (user_id, concert_schedule_id),
    KEY reservation_of_token (waiting_token_id),
    KEY reservation_not_started (workflow_started_at, status),
    CONSTRAINT reservation_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT reservation_token FOREIGN KEY (waiting_token_id) REFERENCES waiting_token (id),
    CONSTRAINT reservation_schedule FOREIGN KEY (concert_schedule_id) REFERENCES concert_schedule (id),
    CONSTRAINT reservation_end_is_dated CHECK ((status = 'HELD') = (completed_at IS NULL))
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS concert_seat (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    concert_schedule_id BIGINT NOT NULL,
    location VARCHAR(40) NOT NULL,
    price BIGINT NOT NULL,
    status ENUM('FREE', 'HELD', 'SOLD') NOT NULL DEFAULT 'FREE',
    held_until DATETIME(3) NULL,
    reservation_id BIGINT NULL,
    UNIQUE KEY concert_seat_location (concert_schedule_id, location),
    KEY concert_seat_by_status (concert_schedule_id, status, held_until),
    KEY concert_seat_of_reservation (reservation_id),
    CONSTRAINT concert_seat_schedule FOREIGN KEY (concert_schedule_id) REFERENCES concert_schedule (id),
    CONSTRAINT concert_seat_reservation FOREIGN KEY (reservation_id) REFERENCES reservation (id),
    CONSTRAINT concert_seat_price_not_negative CHECK (price >= 0),
    CONSTRAINT concert_seat_owner CHECK ((status = 'FREE') = (reservation_id IS NULL)),
    CONSTRAINT concert_seat_deadline CHECK ((status = 'HELD') = (held_until IS NOT NULL))
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS reservation_ticket (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    reservation_id BIGINT NOT NULL,
    concert_schedule_id BIGINT NOT NULL,
    concert_seat_id BIGINT NOT NULL,
    seat_location VARCHAR(40) NOT NULL,
    price BIGINT NOT NULL,
    sold_seat_id BIGINT NULL,
    UNIQUE KEY reservation_ticket_seat (reservation_id, concert_seat_id),
    UNIQUE KEY reservation_ticket_sold_once (sold_seat_id),
    CONSTRAINT reservation_ticket_reservation FOREIGN KEY (reservation_id) REFERENCES reservation (id),
    CONSTRAINT reservation_ticket_schedule FOREIGN KEY (concert_schedule_id) REFERENCES concert_schedule (id),
    CONSTRAINT reservation_ticket_of_seat FOREIGN KEY (concert_seat_id) REFERENCES concert_seat (id),
    CONSTRAINT reservation_ticket_sells_its_seat CHECK (sold_seat_id IS NULL OR sold_seat_id = concert_seat_id)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS payment (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    reservation_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    price BIGINT NOT NULL,
    balance_after BIGINT NOT NULL,
    paid_at DATETIME(3) NOT NULL,
    UNIQUE KEY payment_once (reservation_id),
    KEY payment_of_user (user_id, id),
    CONSTRAINT payment_reservation FOREIGN KEY (reservation_id) REFERENCES reservation (id),
    CONSTRAINT payment_user FOREIGN KEY (user_id) REFERENCES user (id)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS idempotency_key (
    user_id BIGINT NOT NULL,
    key_hash BINARY(32) NOT NULL,
    fingerprint BINARY(32) NOT NULL,
    status SMALLINT NOT NULL,
    body MEDIUMTEXT NOT NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (user_id, key_hash),
    KEY idempotency_key_age (created_at),
    CONSTRAINT idempotency_key_user FOREIGN KEY (user_id) REFERENCES user (id)
  ) ${OPTIONS}`,

  `CREATE TABLE IF NOT EXISTS invariant_result (
    name VARCHAR(40) PRIMARY KEY,
    violations BIGINT NOT NULL,
    checked_at DATETIME(3) NOT NULL
  ) ${OPTIONS}`,
];

export async function up(knex: Knex): Promise<void> {
  for (const table of TABLES) await knex.raw(table);
}

/** Migrations go forward only: a table with money in it is not dropped by a command. */
export async function down(): Promise<void> {
  throw new Error('0001_initial cannot be undone; restore a backup instead');
}
