//! What is prepared ahead of its time, and what is due: prepared messages (playbooks), and everything that waits for its hour.

pub mod deadline;
pub mod due;
pub mod playbook;
pub mod promise;
pub mod timed;
