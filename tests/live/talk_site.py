"""The site of the live tests of talks: agents, queues, a flow to type a secret in, a trunk."""

SUPPORT, SALES = "19007000", "19007001"
OUTSIDE, OWN = "+842873000001", "19007000"
PARK_SECONDS, RING_SECONDS = 5.0, 3.0

FILES = {
    "queues.yaml": f"""
        queues:
          support: {{wrap_up: none, park_seconds: {PARK_SECONDS:.0f}, retry_seconds: 1}}
          sales: {{wrap_up: none, retry_seconds: 1, transfer_ring_seconds: {RING_SECONDS:.0f}}}
    """,
    "agents.yaml": """
        agents:
          mai: {extension: "3001", queues: [support]}
          john: {extension: "3002", queues: [sales]}
          linh: {extension: "3003", queues: [sales]}
    """,
    "routes/main.yaml": f"""
        numbers:
          "{SUPPORT}": {{queue: support, language: en}}
          "{SALES}": {{queue: sales, language: en}}
        outbound:
          caller_id: "{OWN}"
          trunk: trunk
          numbers:
            "+84.": {{}}
          trunks:
            trunk: {{dial_as: national}}
    """,
    "flows/pay.yaml": """
        flow: pay
        start: pay
        nodes:
          pay:
            type: payment
            amount: "125000"
            gateway:
              method: POST
              url: ${system:pay}/charges
              headers: {Authorization: "Bearer ${secret:PAY_KEY}"}
              body: {bill: "B-1", card: "{{ card }}", cvv: "{{ cvv }}", amount: "{{ amount }}"}
            paid: paid
            declined: unpaid
            gateway_error: unpaid
          paid: {type: return, as: paid}
          unpaid: {type: return, as: unpaid}
    """,
    "flows/thanks.yaml": """
        flow: thanks
        start: bye
        nodes:
          bye: {type: hangup, prompts: [connecting, held, goodbye]}
    """,
}
